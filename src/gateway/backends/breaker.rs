//! The circuit breaker of one backend: counts what its rule calls a failure, opens, and closes again when its time has
//! passed. In: outcomes of calls with their time. Out: whether it is open. Reads no clock.

use crate::effect::Moment;
use std::collections::VecDeque;
use std::time::Duration;

/// When a breaker opens, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BreakerRule {
    pub name: Box<str>,
    pub threshold: Threshold,
    /// Failures count for this long.
    pub interval: Duration,
    /// Statuses that are failures, both ends included.
    pub statuses: Vec<(u16, u16)>,
    /// Reasons of LastError that are failures.
    pub reasons: Vec<Box<str>>,
    pub trip: Duration,
    /// A `Retry-After` of the response that trips the breaker says for how long instead.
    pub accept_retry_after: bool,
    /// What callers get while it is open, where that is not the usual 503.
    pub failure_response: Option<FailureResponse>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// This many failures.
    Count(u32),
    /// Failures among all calls, in percent.
    Percentage(u32),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureResponse {
    pub status: u16,
    pub reason: Option<Box<str>>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome<'a> {
    Status(u16),
    /// Without a response: LastError's reason.
    Failed(&'a str),
}

/// A breaker has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trip {
    pub until: Moment,
    /// Failures that were counted.
    pub failures: u32,
}

impl BreakerRule {
    pub fn is_failure(&self, outcome: Outcome<'_>) -> bool {
        match outcome {
            Outcome::Status(status) => self.statuses.iter().any(|(min, max)| (*min..=*max).contains(&status)),
            Outcome::Failed(reason) => self.reasons.iter().any(|own| own.eq_ignore_ascii_case(reason)),
        }
    }

    /// Calls that are no failures count too.
    pub fn counts_all(&self) -> bool {
        matches!(self.threshold, Threshold::Percentage(_))
    }
}

/// Slices of a percentage's interval: calls leave the count a slice at a time.
const SLICES: i64 = 64;

#[derive(Clone, Copy, Debug, Default)]
struct Slice {
    number: i64,
    calls: u64,
    failures: u64,
}

/// What a breaker has counted.
#[derive(Debug, Default)]
pub struct Breaker {
    /// For a count: when the last failures were, at most as many as trip it.
    failures: VecDeque<Moment>,
    /// For a percentage: the slices of the interval that had calls.
    slices: VecDeque<Slice>,
    open_until: Option<Moment>,
    trips: u64,
}

impl Breaker {
    /// Until when it is open, if it is open now.
    pub fn open_until(&self, now: Moment) -> Option<Moment> {
        self.open_until.filter(|until| *until > now)
    }

    /// How often it has opened.
    pub fn trips(&self) -> u64 {
        self.trips
    }

    /// Failures that count now.
    pub fn failures(&mut self, rule: &BreakerRule, now: Moment) -> u32 {
        self.forget(rule, now);
        let count = match rule.threshold {
            Threshold::Count(_) => self.failures.len() as u64,
            Threshold::Percentage(_) => self.slices.iter().map(|slice| slice.failures).sum(),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// Counts a call that has ended; tells when that opened the breaker. What was under way when it opened does not count.
    pub fn record(
        &mut self,
        rule: &BreakerRule,
        now: Moment,
        outcome: Outcome<'_>,
        retry_after: Option<Duration>,
    ) -> Option<Trip> {
        if self.open_until(now).is_some() {
            return None;
        }
        self.forget(rule, now);
        let failed = rule.is_failure(outcome);
        let reached = match rule.threshold {
            Threshold::Count(count) => {
                if failed {
                    self.failures.push_back(now);
                }
                failed && self.failures.len() as u64 >= u64::from(count)
            }
            Threshold::Percentage(percent) => {
                self.slice(rule, now).calls += 1;
                self.slice(rule, now).failures += u64::from(failed);
                let calls: u64 = self.slices.iter().map(|slice| slice.calls).sum();
                let failures: u64 = self.slices.iter().map(|slice| slice.failures).sum();
                failed && failures.saturating_mul(100) >= calls.saturating_mul(u64::from(percent))
            }
        };
        if !reached {
            return None;
        }
        let failures = self.failures(rule, now);
        self.failures.clear();
        self.slices.clear();
        let told = retry_after.filter(|_| rule.accept_retry_after);
        let until = now.after(told.unwrap_or(rule.trip));
        self.open_until = Some(until);
        self.trips += 1;
        Some(Trip { until, failures })
    }

    fn forget(&mut self, rule: &BreakerRule, now: Moment) {
        while self.failures.front().is_some_and(|at| now.since(*at) >= rule.interval) {
            self.failures.pop_front();
        }
        let oldest = slice_number(rule, now) - SLICES;
        while self.slices.front().is_some_and(|slice| slice.number <= oldest) {
            self.slices.pop_front();
        }
    }

    fn slice(&mut self, rule: &BreakerRule, now: Moment) -> &mut Slice {
        let number = slice_number(rule, now);
        if self.slices.back().is_none_or(|last| last.number < number) {
            self.slices.push_back(Slice { number, ..Slice::default() });
        }
        self.slices.back_mut().expect("a slice was just pushed where none was")
    }
}

fn slice_number(rule: &BreakerRule, now: Moment) -> i64 {
    let ticks = i64::try_from(rule.interval.as_nanos() / 100).unwrap_or(i64::MAX);
    now.0 / (ticks / SLICES).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(threshold: Threshold) -> BreakerRule {
        BreakerRule {
            name: "rule".into(),
            threshold,
            interval: Duration::from_secs(60),
            statuses: vec![(429, 429), (500, 599)],
            reasons: vec!["Timeout".into()],
            trip: Duration::from_secs(10),
            accept_retry_after: false,
            failure_response: None,
        }
    }

    fn at(second: u64) -> Moment {
        Moment::UNIX_EPOCH.after(Duration::from_secs(second))
    }

    /// Each event is `second:outcome`; what comes of it is `.` (closed) or `!` (it opens) or `o` (it was open).
    fn play(rule: &BreakerRule, events: &str) -> String {
        let mut breaker = Breaker::default();
        let mut came = String::new();
        for event in events.split(' ') {
            let (second, outcome) = event.split_once(':').expect("second:outcome");
            let now = at(second.parse().expect("a second"));
            let (outcome, retry_after) = match outcome.split_once('+') {
                Some((outcome, wait)) => (outcome, Some(Duration::from_secs(wait.parse().expect("seconds")))),
                None => (outcome, None),
            };
            let outcome = outcome.parse().map_or(Outcome::Failed(outcome), Outcome::Status);
            let open = breaker.open_until(now).is_some();
            let trip = breaker.record(rule, now, outcome, retry_after);
            came.push(match (open, trip) {
                (true, _) => 'o',
                (false, Some(_)) => '!',
                (false, None) => '.',
            });
        }
        came
    }

    #[test]
    fn a_count_of_failures_in_the_interval_opens_it() {
        let three = rule(Threshold::Count(3));
        let table = [
            ("0:500 1:500 2:500 3:200", "..!o"),
            ("0:500 1:200 2:503 3:404 4:599", "....!"),
            // The first is out of the interval when the third comes.
            ("0:500 30:500 60:500 61:500", "...!"),
            ("0:499 1:600 2:200", "..."),
            ("0:429 1:Timeout 2:BackendConnectionFailure 3:timeout", "...!"),
            // Closed again after ten seconds, with nothing counted.
            ("0:500 0:500 0:500 9:500 10:500 10:500 10:500", "..!o..!"),
        ];
        for (events, came) in table {
            assert_eq!(play(&three, events), came, "{events}");
        }
        assert_eq!(play(&rule(Threshold::Count(1)), "0:200 1:500 2:500"), ".!o");
    }

    #[test]
    fn a_percentage_of_the_calls_in_the_interval_opens_it() {
        let half = rule(Threshold::Percentage(50));
        let table = [
            ("0:200 1:200 2:200 3:500 4:500 5:500", ".....!"),
            ("0:200 1:500", ".!"),
            ("0:500", "!"),
            // A success never opens it.
            ("0:200 1:200 2:200 3:500 4:200", "....."),
            // The successes are out of the interval.
            ("0:200 0:200 0:200 70:200 71:500", "....!"),
            ("0:200 1:500 11:200 12:200 13:200 14:500", ".!...."),
        ];
        for (events, came) in table {
            assert_eq!(play(&half, events), came, "{events}");
        }
    }

    #[test]
    fn retry_after_says_for_how_long_where_it_is_accepted() {
        let mut once = rule(Threshold::Count(1));
        assert_eq!(play(&once, "0:429+30 9:200 10:200"), "!o.");
        once.accept_retry_after = true;
        assert_eq!(play(&once, "0:429+30 10:200 29:200 30:200"), "!oo.");
        assert_eq!(play(&once, "0:429 9:200 10:200"), "!o.");
    }

    #[test]
    fn memory_is_bounded() {
        let (mut count, mut percent) = (Breaker::default(), Breaker::default());
        let (thousand, never) = (rule(Threshold::Count(1000)), rule(Threshold::Percentage(100)));
        for second in 0..100_000 {
            count.record(&thousand, at(second / 20), Outcome::Status(500), None);
            percent.record(&never, at(second), Outcome::Status(if second % 2 == 0 { 200 } else { 500 }), None);
        }
        assert!(count.failures.len() < 1000 && percent.slices.len() <= SLICES as usize);
    }
}
