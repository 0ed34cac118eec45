//! What one worker counts. The worker alone writes, with plain loads and stores; whoever scrapes reads beside it. The
//! number of series is bounded: what comes after the last place is counted under `other`.

use crate::dotnet::context::LastError;
use crate::effect::FailureKind;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A number with one writer.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, more: u64) {
        // One writer: nothing is lost between load and store.
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
    }

    pub fn subtract(&self, less: u64) {
        self.0.store(self.0.load(Ordering::Relaxed).wrapping_sub(less), Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The upper bounds of the histograms' buckets, in microseconds; the last bucket has none.
pub const BOUNDS: [u64; 13] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 5_000_000, 30_000_000];

#[derive(Debug, Default)]
pub struct Histogram {
    pub buckets: [Count; BOUNDS.len() + 1],
    pub micros: Count,
}

impl Histogram {
    fn note(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.buckets[BOUNDS.partition_point(|bound| *bound < micros)].add(1);
        self.micros.add(micros);
    }
}

/// Classes of status: `1xx` to `5xx`.
pub const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

fn class(status: u16) -> usize {
    usize::from(status / 100).clamp(1, 5) - 1
}

/// What a call to a backend came to, behind the classes of status.
pub const FAILURES: [&str; 4] = ["connection", "timeout", "refused", "other"];

#[derive(Debug)]
pub struct OperationCounts {
    pub api: Box<str>,
    pub operation: Box<str>,
    pub classes: [Count; CLASSES.len()],
    pub total: Histogram,
    /// Waiting for backends' response heads, over all calls of a request.
    pub backend: Histogram,
}

#[derive(Debug)]
pub struct BackendCounts {
    pub name: Box<str>,
    pub outcomes: [Count; CLASSES.len() + FAILURES.len()],
}

#[derive(Debug)]
pub struct ErrorCounts {
    pub policy: Box<str>,
    pub reason: Box<str>,
    pub count: Count,
}

/// The counts of a worker, as others see them.
#[derive(Debug, Default)]
pub struct Counts {
    pub connections: Count,
    pub open_connections: Count,
    pub open_requests: Count,
    pub callers_left: Count,
    pub sent_bytes: Count,
    pub spans_dropped: Count,
    pub log_lines_dropped: Count,
    pub egress_refused: Count,
    pub traced: Count,
    // Locked when a series begins and when somebody scrapes.
    operations: Mutex<Vec<Arc<OperationCounts>>>,
    backends: Mutex<Vec<Arc<BackendCounts>>>,
    errors: Mutex<Vec<Arc<ErrorCounts>>>,
}

impl Counts {
    pub fn operations(&self) -> Vec<Arc<OperationCounts>> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn backends(&self) -> Vec<Arc<BackendCounts>> {
        self.backends.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn errors(&self) -> Vec<Arc<ErrorCounts>> {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Operations that are told apart, per worker. A series takes some 40 lines of a scrape.
pub const MOST_OPERATIONS: usize = 1_000;
pub const MOST_BACKENDS: usize = 500;
pub const MOST_ERRORS: usize = 500;
const OTHER: &str = "other";

/// The writer's side of [`Counts`].
#[derive(Debug, Default)]
pub struct Counter {
    pub counts: Arc<Counts>,
    operations: RefCell<Table<OperationCounts>>,
    backends: RefCell<Table<BackendCounts>>,
    errors: RefCell<Table<ErrorCounts>>,
}

/// Series by two labels.
#[derive(Debug)]
struct Table<T> {
    series: FxHashMap<Box<str>, FxHashMap<Box<str>, Arc<T>>>,
    length: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Table<T> {
        Table { series: FxHashMap::default(), length: 0 }
    }
}

impl<T> Table<T> {
    fn find(&self, first: &str, second: &str) -> Option<&Arc<T>> {
        self.series.get(first)?.get(second)
    }

    /// The series of these labels, begun where it is new.
    fn series(
        &mut self,
        (first, second): (&str, &str),
        most: usize,
        shared: &Mutex<Vec<Arc<T>>>,
        make: impl FnOnce(&str, &str) -> T,
    ) -> &Arc<T> {
        let (first, second) = match self.find(first, second) {
            None if self.length >= most => (OTHER, OTHER),
            _ => (first, second),
        };
        if self.find(first, second).is_none() {
            let new = Arc::new(make(first, second));
            shared.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&new));
            self.series.entry(first.into()).or_default().insert(second.into(), new);
            self.length += 1;
        }
        self.find(first, second).expect("it was just made where it was not there")
    }
}

impl Counter {
    pub fn request(&self, api: &str, operation: &str, status: u16, total: Duration, backend: Option<Duration>) {
        let table = &mut *self.operations.borrow_mut();
        let series = table.series((api, operation), MOST_OPERATIONS, &self.counts.operations, |api, operation| {
            OperationCounts {
                api: api.into(),
                operation: operation.into(),
                classes: Default::default(),
                total: Histogram::default(),
                backend: Histogram::default(),
            }
        });
        series.classes[class(status)].add(1);
        series.total.note(total);
        if let Some(backend) = backend {
            series.backend.note(backend);
        }
    }

    pub fn call(&self, backend: &str, outcome: Result<u16, FailureKind>) {
        let table = &mut *self.backends.borrow_mut();
        let series = table.series((backend, ""), MOST_BACKENDS, &self.counts.backends, |name, _| BackendCounts {
            name: name.into(),
            outcomes: Default::default(),
        });
        let at = match outcome {
            Ok(status) => class(status),
            Err(FailureKind::Connection) => CLASSES.len(),
            Err(FailureKind::Timeout) => CLASSES.len() + 1,
            Err(FailureKind::Refused) => CLASSES.len() + 2,
            Err(_) => CLASSES.len() + 3,
        };
        series.outcomes[at].add(1);
    }

    pub fn error(&self, error: &LastError) {
        let labels = (&*error.source, error.reason.as_deref().unwrap_or("-"));
        let table = &mut *self.errors.borrow_mut();
        let series = table.series(labels, MOST_ERRORS, &self.counts.errors, |policy, reason| ErrorCounts {
            policy: policy.into(),
            reason: reason.into(),
            count: Count::default(),
        });
        series.count.add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_are_bounded() {
        let counter = Counter::default();
        for number in 0..MOST_OPERATIONS + 100 {
            counter.request("a", &number.to_string(), 200, Duration::from_millis(3), None);
        }
        counter.request("a", "5", 503, Duration::ZERO, Some(Duration::from_secs(60)));
        let operations = counter.counts.operations();
        assert_eq!(operations.len(), MOST_OPERATIONS + 1);
        let find = |name: &str| operations.iter().find(|own| *own.operation == *name).expect("a series");
        assert_eq!(find(OTHER).classes[1].get(), 100);
        let five = find("5");
        assert_eq!((five.classes[1].get(), five.classes[4].get()), (1, 1));
        assert_eq!((five.total.buckets[0].get(), five.total.buckets[3].get()), (1, 1));
        assert_eq!((five.backend.buckets[BOUNDS.len()].get(), five.backend.micros.get()), (1, 60_000_000));
    }

    #[test]
    fn a_status_out_of_range_has_a_class() {
        assert_eq!([0, 99, 200, 499, 599, 999].map(class), [0, 0, 1, 3, 4, 4]);
    }
}
