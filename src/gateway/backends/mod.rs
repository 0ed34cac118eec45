//! The backends of a configuration while it is served: who takes a call, and which breakers are open. Shared by all
//! workers; a backend that has neither a breaker nor members is never asked about, so that its calls take no lock. Time is
//! handed in: a replay and a live service run the same state machines.

pub mod breaker;
pub mod pool;

use super::model::{Backend, BackendKind, Gateway};
use crate::effect::{Choice, Moment};
use breaker::{Breaker, BreakerRule, Outcome, Trip};
use pool::{Pool, PoolRule};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// By the order of the gateway's backends.
#[derive(Debug, Default)]
pub struct Backends(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    id: Arc<str>,
    breaker: Option<Arc<Guard>>,
    pool: Option<PoolEntry>,
}

/// A breaker with its rule.
#[derive(Debug)]
struct Guard {
    rule: BreakerRule,
    /// The breaker of another URL begins anew.
    url: Box<str>,
    /// What is asked for each call, without the lock: the ticks until which the breaker is open.
    open_until: AtomicI64,
    state: Mutex<Breaker>,
}

#[derive(Debug)]
struct PoolEntry {
    rule: PoolRule,
    /// What the cookie of a session says, by member.
    sessions: Vec<Box<str>>,
    shared: Arc<PoolState>,
}

#[derive(Debug)]
struct PoolState {
    /// Members by name with weight and priority: a pool with others begins anew.
    definition: Vec<(Arc<str>, u32, u32)>,
    state: Mutex<Pool>,
    chosen: Vec<AtomicU64>,
}

/// What `states` tells of a backend that has a breaker or members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackendState {
    pub backend: Arc<str>,
    pub breaker: Option<BreakerState>,
    pub members: Vec<MemberState>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BreakerState {
    pub open_until: Option<Moment>,
    /// How often it has opened.
    pub trips: u64,
    /// Failures that count now.
    pub failures: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberState {
    pub backend: Arc<str>,
    /// It takes calls: its breaker, if it has one, is closed.
    pub available: bool,
    /// Calls that it was chosen for.
    pub chosen: u64,
}

impl Guard {
    fn is_open(&self, now: Moment) -> bool {
        self.open_until.load(Ordering::Acquire) > now.0
    }
}

impl Backends {
    pub fn new(gateway: &Gateway) -> Backends {
        let ids: Vec<Arc<str>> = gateway.backends.keys().map(|id| id.as_str().into()).collect();
        let entry = |(at, backend): (usize, &Backend)| {
            let breaker = backend.breaker.as_ref().map(|rule| {
                Arc::new(Guard {
                    rule: rule.clone(),
                    url: backend.url.as_ref().map(ToString::to_string).unwrap_or_default().into(),
                    open_until: AtomicI64::new(i64::MIN),
                    state: Mutex::default(),
                })
            });
            let pool = match &backend.kind {
                BackendKind::Single => None,
                BackendKind::Pool(rule) => {
                    let name = |backend: u32| ids[backend as usize].clone();
                    let members = &rule.members;
                    Some(PoolEntry {
                        rule: rule.clone(),
                        sessions: members.iter().map(|member| session(&ids[at], &name(member.backend))).collect(),
                        shared: Arc::new(PoolState {
                            definition: members.iter().map(|m| (name(m.backend), m.weight, m.priority)).collect(),
                            state: Mutex::default(),
                            chosen: members.iter().map(|_| AtomicU64::new(0)).collect(),
                        }),
                    })
                }
            };
            Entry { id: ids[at].clone(), breaker, pool }
        };
        Backends(gateway.backends.values().enumerate().map(entry).collect())
    }

    /// Goes on with the state of backends that are defined as they were.
    pub fn adopt(&mut self, before: &Backends) {
        for own in &mut self.0 {
            let Some(old) = before.0.iter().find(|old| old.id == own.id) else { continue };
            if let (Some(own), Some(old)) = (&mut own.breaker, &old.breaker)
                && own.rule == old.rule
                && own.url == old.url
            {
                *own = Arc::clone(old);
            }
            if let (Some(own), Some(old)) = (&mut own.pool, &old.pool)
                && own.shared.definition == old.shared.definition
            {
                own.shared = Arc::clone(&old.shared);
            }
        }
    }

    /// Who takes a call to the backend at `at`. `session` is the value of the caller's cookie; `tried` are those that
    /// this request has called already.
    pub fn choose(&self, at: u32, session: Option<&str>, tried: &[u32], now: Moment) -> Choice {
        let Some(entry) = self.0.get(at as usize) else { return Choice::Open };
        let can_take = |at: u32| self.is_available(at, now);
        let Some(pool) = &entry.pool else {
            return match can_take(at) {
                true => Choice::Backend { at, name: entry.id.clone(), session: None },
                false => Choice::Open,
            };
        };
        let bound = session.and_then(|value| pool.sessions.iter().position(|own| **own == *value));
        let mut state = pool.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(member) = state.choose(&pool.rule, can_take, tried, bound) else { return Choice::Open };
        drop(state);
        pool.shared.chosen[member].fetch_add(1, Ordering::Relaxed);
        let at = pool.rule.members[member].backend;
        let session = (pool.rule.cookie.is_some() && bound != Some(member)).then(|| pool.sessions[member].clone());
        Choice::Backend { at, name: self.0[at as usize].id.clone(), session }
    }

    fn is_available(&self, at: u32, now: Moment) -> bool {
        let breaker = self.0.get(at as usize).and_then(|entry| entry.breaker.as_ref());
        breaker.is_none_or(|guard| !guard.is_open(now))
    }

    /// Counts how a call to the backend at `at` ended; tells when that opened its breaker.
    pub fn report(&self, at: u32, outcome: Outcome<'_>, retry_after: Option<Duration>, now: Moment) -> Option<Trip> {
        let guard = self.0.get(at as usize)?.breaker.as_ref()?;
        if !guard.rule.counts_all() && !guard.rule.is_failure(outcome) {
            return None;
        }
        let mut state = guard.state.lock().unwrap_or_else(PoisonError::into_inner);
        let trip = state.record(&guard.rule, now, outcome, retry_after)?;
        guard.open_until.store(trip.until.0, Ordering::Release);
        Some(trip)
    }

    /// The name of the backend at `at`.
    pub fn name(&self, at: u32) -> &str {
        self.0.get(at as usize).map_or("", |entry| &entry.id)
    }

    pub fn place(&self, name: &str) -> Option<u32> {
        self.0.iter().position(|entry| *entry.id == *name).and_then(|at| u32::try_from(at).ok())
    }

    /// All that have a breaker or members, as they are now.
    pub fn states(&self, now: Moment) -> Vec<BackendState> {
        let state = |entry: &Entry| BackendState {
            backend: entry.id.clone(),
            breaker: entry.breaker.as_ref().map(|guard| {
                let mut state = guard.state.lock().unwrap_or_else(PoisonError::into_inner);
                BreakerState {
                    open_until: state.open_until(now),
                    trips: state.trips(),
                    failures: state.failures(&guard.rule, now),
                }
            }),
            members: entry.pool.iter().flat_map(|pool| self.members(pool, now)).collect(),
        };
        self.0.iter().filter(|entry| entry.breaker.is_some() || entry.pool.is_some()).map(state).collect()
    }

    fn members(&self, pool: &PoolEntry, now: Moment) -> Vec<MemberState> {
        let state = |(at, member): (usize, &pool::Member)| MemberState {
            backend: self.0[member.backend as usize].id.clone(),
            available: self.is_available(member.backend, now),
            chosen: pool.shared.chosen[at].load(Ordering::Relaxed),
        };
        pool.rule.members.iter().enumerate().map(state).collect()
    }
}

/// What the cookie of a session says of its member: the same in every instance of the gateway, and no name.
fn session(pool: &str, member: &str) -> Box<str> {
    let digest = Sha256::new().chain_update(pool).chain_update([0]).chain_update(member).finalize();
    let mut text = String::with_capacity(32);
    for byte in &digest[..16] {
        write!(text, "{byte:02x}").expect("a string takes what is written");
    }
    text.into()
}

#[cfg(test)]
mod tests {
    use super::breaker::Threshold;
    use super::*;
    use crate::gateway::model::BackendId;
    use crate::message::Url;

    fn at(second: u64) -> Moment {
        Moment::UNIX_EPOCH.after(Duration::from_secs(second))
    }

    /// `a` and `b` with breakers of one failure, `p` a pool of both with a cookie.
    fn gateway(url_of_a: &str, weight_of_a: u32) -> Gateway {
        let rule = BreakerRule {
            name: "r".into(),
            threshold: Threshold::Count(1),
            interval: Duration::from_secs(60),
            statuses: vec![(500, 599)],
            reasons: Vec::new(),
            trip: Duration::from_secs(10),
            accept_retry_after: false,
            failure_response: None,
        };
        let mut gateway = Gateway::default();
        for (id, url) in [("a", url_of_a), ("b", "http://b.example")] {
            let mut backend = Backend::new(BackendId::new(id));
            backend.url = Url::parse(url).ok();
            backend.breaker = Some(rule.clone());
            gateway.backends.insert(BackendId::new(id), backend);
        }
        let mut pool = Backend::new(BackendId::new("p"));
        let member = |backend, weight| pool::Member { backend, weight, priority: 1 };
        let members = vec![member(0, weight_of_a), member(1, 1)];
        pool.kind = BackendKind::Pool(PoolRule { members, cookie: Some("session".into()) });
        gateway.backends.insert(BackendId::new("p"), pool);
        gateway
    }

    fn chosen(backends: &Backends, session: Option<&str>, now: Moment) -> (String, Option<Box<str>>) {
        match backends.choose(2, session, &[], now) {
            Choice::Backend { name, session, .. } => (name.to_string(), session),
            Choice::Open => ("-".into(), None),
        }
    }

    #[test]
    fn an_open_breaker_takes_its_member_out_until_its_time_has_passed() {
        let backends = Backends::new(&gateway("http://a.example", 1));
        let trip = backends.report(0, Outcome::Status(503), None, at(0)).expect("one failure opens it");
        assert_eq!(trip.until, at(10));
        assert_eq!(backends.choose(0, None, &[], at(1)), Choice::Open);
        for second in 1..4 {
            assert_eq!(chosen(&backends, None, at(second)).0, "b");
        }
        let states = backends.states(at(1));
        let a = states[0].breaker.expect("a breaker");
        assert_eq!((a.open_until, a.trips), (Some(at(10)), 1));
        let shown: Vec<_> = states[2].members.iter().map(|m| (&*m.backend, m.available, m.chosen)).collect();
        assert_eq!(shown, [("a", false, 0), ("b", true, 3)]);
        backends.report(1, Outcome::Status(500), None, at(5));
        assert_eq!(chosen(&backends, None, at(6)).0, "-");
        assert_eq!(chosen(&backends, None, at(10)).0, "a");
    }

    #[test]
    fn a_session_goes_back_to_its_member_and_moves_when_that_is_out() {
        let backends = Backends::new(&gateway("http://a.example", 1));
        let (first, cookie) = chosen(&backends, None, at(0));
        let cookie = cookie.expect("a new session gets a cookie");
        assert_eq!(first, "a");
        for _ in 0..3 {
            assert_eq!(chosen(&backends, Some(&cookie), at(0)), ("a".into(), None));
        }
        backends.report(0, Outcome::Status(500), None, at(1));
        let (second, moved) = chosen(&backends, Some(&cookie), at(2));
        assert!(second == "b" && moved.is_some_and(|moved| moved != cookie));
        assert!(chosen(&backends, Some("forged"), at(2)).1.is_some());
    }

    #[test]
    fn state_outlives_a_reload_of_what_did_not_change() {
        let before = Backends::new(&gateway("http://a.example", 1));
        before.report(0, Outcome::Status(500), None, at(0));
        for (url, weight, open) in
            [("http://a.example", 1, true), ("http://a.example", 2, true), ("http://new.example", 1, false)]
        {
            let mut after = Backends::new(&gateway(url, weight));
            after.adopt(&before);
            assert_eq!(after.choose(0, None, &[], at(1)) == Choice::Open, open, "{url} {weight}");
        }
    }
}
