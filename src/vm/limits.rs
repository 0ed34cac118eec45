//! What one request may use up.

/// The limits of a request; exceeding one is an error that `<on-error>` sees, never a hang or a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Units of work: an instruction is one, natives charge what they touch.
    pub fuel: u64,
    /// Units after which other requests get their turn.
    pub slice: u64,
    /// Bytes of the request's heap.
    pub memory: usize,
    /// Nested calls of C# functions.
    pub depth: usize,
    /// The most bytes of a body that a policy may look at.
    pub body: u64,
}

impl Limits {
    /// The platform ends a loop after five seconds; this much fuel takes about that long.
    pub const DEFAULT: Limits =
        Limits { fuel: 200_000_000, slice: 2_000_000, memory: 256 << 20, depth: 10_000, body: 100 << 20 };
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::DEFAULT
    }
}
