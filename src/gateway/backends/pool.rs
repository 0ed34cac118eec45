//! A pool of backends: which member takes the next call. In: which members can take calls, which were tried already, and
//! the member that a session is bound to. Draws no random numbers: shares are exact over any row of calls.

/// One backend of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its place among the gateway's backends.
    pub backend: u32,
    /// Its share of the calls of its priority; a member without a share takes none.
    pub weight: u32,
    /// The lowest number is served first.
    pub priority: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolRule {
    pub members: Vec<Member>,
    /// The cookie by which a session keeps its member.
    pub cookie: Option<Box<str>>,
}

/// What a pool remembers: how much each member is owed.
#[derive(Debug, Default)]
pub struct Pool {
    credits: Vec<i64>,
}

impl Pool {
    /// The position of the member that takes the next call; `None` when no member can. A priority is served only when no
    /// member of a better one can take calls. A member that this request has tried goes after those that it has not.
    pub fn choose(
        &mut self,
        rule: &PoolRule,
        can_take: impl Fn(u32) -> bool,
        tried: &[u32],
        bound: Option<usize>,
    ) -> Option<usize> {
        let members = &rule.members;
        self.credits.resize(members.len(), 0);
        let all_without_share = members.iter().all(|member| member.weight == 0);
        let share = |at: usize| if all_without_share { 1 } else { i64::from(members[at].weight) };
        if let Some(at) = bound
            && members.get(at).is_some_and(|member| can_take(member.backend) && !tried.contains(&member.backend))
        {
            return Some(at);
        }
        let able: Vec<usize> =
            (0..members.len()).filter(|&at| share(at) > 0 && can_take(members[at].backend)).collect();
        let best = able.iter().map(|&at| members[at].priority).min()?;
        let group: Vec<usize> = able.into_iter().filter(|&at| members[at].priority == best).collect();
        let fresh = |avoid: &[u32]| -> Vec<usize> {
            group.iter().copied().filter(|&at| !avoid.contains(&members[at].backend)).collect()
        };
        let last = tried.last().map_or(&[][..], std::slice::from_ref);
        let eligible = [fresh(tried), fresh(last), group.clone()].into_iter().find(|some| !some.is_empty())?;
        // Each is owed its share, and the one that is owed most pays for the call: A A B A for three to one.
        let mut chosen = *eligible.first()?;
        for &at in &eligible {
            self.credits[at] += share(at);
            if self.credits[at] > self.credits[chosen] {
                chosen = at;
            }
        }
        self.credits[chosen] -= eligible.iter().map(|&at| share(at)).sum::<i64>();
        Some(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members as `weight@priority`, each a letter from A.
    fn rule(members: &str) -> PoolRule {
        let members = members.split(' ').enumerate().map(|(at, member)| {
            let (weight, priority) = member.split_once('@').expect("weight@priority");
            let number = |text: &str| text.parse().expect("a number");
            Member { backend: at as u32, weight: number(weight), priority: number(priority) }
        });
        PoolRule { members: members.collect(), cookie: None }
    }

    fn numbers(letters: &str) -> Vec<u32> {
        letters.bytes().map(|letter| u32::from(letter - b'A')).collect()
    }

    fn letter(at: Option<usize>) -> char {
        at.map_or('-', |at| char::from(b'A' + at as u8))
    }

    #[test]
    fn shares_and_priorities() {
        // Members, those that cannot take calls, and who takes the next ones.
        let table = [
            ("1@1 1@1 1@1", "", "ABCABC"),
            ("3@1 1@1", "", "AABAAABA"),
            ("5@1 3@1 2@1", "", "ABCAABACBA"),
            ("1@1 1@1 1@2", "", "ABABAB"),
            ("1@1 1@1 1@2", "A", "BBBB"),
            ("1@1 1@1 1@2 2@2", "AB", "DCDDCD"),
            ("1@2 1@1 1@3", "B", "AAA"),
            ("1@1 1@1", "AB", "---"),
            ("0@1 100@1", "", "BBBB"),
            ("0@1 100@1", "B", "----"),
            ("0@1 0@1", "", "ABAB"),
        ];
        for (members, out, expected) in table {
            let rule = rule(members);
            let (mut pool, out) = (Pool::default(), numbers(out));
            let next = |_| letter(pool.choose(&rule, |backend| !out.contains(&backend), &[], None));
            assert_eq!((0..expected.len()).map(next).collect::<String>(), expected, "{members} without {out:?}");
        }
    }

    #[test]
    fn another_try_goes_to_another_member() {
        // Members, those that cannot take calls, and who takes the tries of one request, one after the other.
        let table = [
            ("1@1 1@1 1@1", "", "ABC"),
            ("9@1 1@1", "", "AB"),
            ("1@1 1@1", "", "ABAB"),
            // Without an open breaker the next priority is not asked.
            ("1@1 1@2", "", "AAA"),
            ("1@1 1@1 1@2", "AB", "CC"),
        ];
        for (members, out, expected) in table {
            let rule = rule(members);
            let (mut pool, out) = (Pool::default(), numbers(out));
            let mut tried = Vec::new();
            for expected in expected.chars() {
                let chosen = pool.choose(&rule, |backend| !out.contains(&backend), &tried, None);
                assert_eq!(letter(chosen), expected, "{members} after {tried:?}");
                tried.extend(chosen.map(|at| rule.members[at].backend));
            }
        }
    }

    #[test]
    fn a_session_keeps_its_member_while_that_can_take_calls() {
        let rule = rule("1@1 1@1 1@2");
        let mut pool = Pool::default();
        // The member of the session, those that cannot take calls, those tried, and who takes the call.
        for (bound, out, tried, expected) in [
            (1, "", "", 'B'),
            (1, "", "", 'B'),
            (2, "", "", 'C'),
            (1, "B", "", 'A'),
            (1, "", "B", 'A'),
            (7, "", "", 'A'),
        ] {
            let (out, tried) = (numbers(out), numbers(tried));
            let chosen = pool.choose(&rule, |backend| !out.contains(&backend), &tried, Some(bound));
            assert_eq!(letter(chosen), expected, "bound to {bound}, without {out:?}, tried {tried:?}");
        }
    }
}
