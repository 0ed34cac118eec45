//! Long time limits of many requests, watched by one timer: a timer for each would cost more than most policies do.
//! In: a future and how long it may take. Out: its result, or that its time is up, by at most a tick too late.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

/// Shorter limits have a timer of their own.
const SHORTEST: Duration = Duration::from_secs(10);

/// The time is up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elapsed;

/// The limits of one worker. Somebody calls [`Deadlines::tick`] now and then.
#[derive(Debug)]
pub struct Deadlines(RefCell<Slots>);

#[derive(Debug)]
struct Slots {
    /// The last tick.
    now: Instant,
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
}

#[derive(Debug)]
struct Slot {
    end: Instant,
    waker: Waker,
}

impl Deadlines {
    pub fn new(now: Instant) -> Deadlines {
        Deadlines(RefCell::new(Slots { now, slots: Vec::new(), free: Vec::new() }))
    }

    /// Wakes those whose time is up.
    pub fn tick(&self, now: Instant) {
        let own = &mut *self.0.borrow_mut();
        own.now = now;
        for slot in own.slots.iter().flatten().filter(|slot| slot.end <= now) {
            slot.waker.wake_by_ref();
        }
    }

    /// The caller pins: a future that is passed on by value takes room twice.
    pub async fn within<F: Future>(&self, limit: Duration, mut future: Pin<&mut F>) -> Result<F::Output, Elapsed> {
        if limit < SHORTEST {
            return Box::pin(tokio::time::timeout(limit, future)).await.map_err(|_| Elapsed);
        }
        let mut place = Place { deadlines: self, at: None };
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending if place.is_over(limit, cx.waker()) => Poll::Ready(Err(Elapsed)),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}

/// A future's slot, from its first wait on.
struct Place<'d> {
    deadlines: &'d Deadlines,
    at: Option<usize>,
}

impl Place<'_> {
    fn is_over(&mut self, limit: Duration, waker: &Waker) -> bool {
        let own = &mut *self.deadlines.0.borrow_mut();
        if let Some(slot) = self.at.and_then(|at| own.slots[at].as_mut()) {
            if !slot.waker.will_wake(waker) {
                slot.waker.clone_from(waker);
            }
            return slot.end <= own.now;
        }
        let Some(end) = own.now.checked_add(limit) else { return false };
        let slot = Some(Slot { end, waker: waker.clone() });
        let at = match own.free.pop() {
            Some(at) => {
                own.slots[at] = slot;
                at
            }
            None => {
                own.slots.push(slot);
                own.slots.len() - 1
            }
        };
        self.at = Some(at);
        false
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(at) = self.at {
            let own = &mut *self.deadlines.0.borrow_mut();
            own.slots[at] = None;
            own.free.push(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::task::Context;

    #[test]
    fn time_is_up_after_the_limit() {
        let begun = Instant::now();
        let deadlines = Deadlines::new(begun);
        let mut cx = Context::from_waker(Waker::noop());
        {
            let never = pin!(std::future::pending::<()>());
            let mut waiting = pin!(deadlines.within(Duration::from_secs(60), never));
            assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Pending);
            deadlines.tick(begun + Duration::from_secs(59));
            assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Pending);
            deadlines.tick(begun + Duration::from_secs(60));
            assert_eq!(waiting.as_mut().poll(&mut cx), Poll::Ready(Err(Elapsed)));
        }
        assert!(deadlines.0.borrow().slots.iter().all(Option::is_none));
        let seven = pin!(async { 7 });
        let mut ready = pin!(deadlines.within(Duration::from_secs(60), seven));
        assert_eq!(ready.as_mut().poll(&mut cx), Poll::Ready(Ok(7)));
        assert_eq!(deadlines.0.borrow().slots.len(), 1);
    }
}
