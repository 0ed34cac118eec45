//! Where time and randomness come into the engine.

use crate::effect::Moment;
use rustls::crypto::SecureRandom;
use std::cell::RefCell;
use std::time::{SystemTime, UNIX_EPOCH};

pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment::UNIX_EPOCH.after(since)
}

/// Random bytes from the operating system, fetched a page at a time.
pub struct Entropy {
    source: &'static dyn SecureRandom,
    page: RefCell<Page>,
}

struct Page {
    bytes: [u8; 4096],
    used: usize,
}

impl Entropy {
    pub fn new() -> Entropy {
        let source = rustls::crypto::ring::default_provider().secure_random;
        Entropy { source, page: RefCell::new(Page { bytes: [0; 4096], used: 4096 }) }
    }

    /// Bytes that nobody was given before. `None` when the system has none.
    pub fn take<const N: usize>(&self) -> Option<[u8; N]> {
        let page = &mut *self.page.borrow_mut();
        if page.used + N > page.bytes.len() {
            self.source.fill(&mut page.bytes).ok()?;
            page.used = 0;
        }
        let taken = page.bytes.get_mut(page.used..page.used + N)?;
        let mut out = [0; N];
        out.copy_from_slice(taken);
        taken.fill(0);
        page.used += N;
        Some(out)
    }
}
