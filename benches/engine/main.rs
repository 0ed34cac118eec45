//! What the engine costs, without a network: compiling a document, evaluating expressions, running a pipeline.
//!
//! `cargo bench --bench engine` prints times and allocations; `docs/performance.md` tells how instructions are counted.

mod compile;
mod expressions;
mod pipeline;

/// As in the binary.
#[global_allocator]
static ALLOCATIONS: divan::AllocProfiler<mimalloc::MiMalloc> = divan::AllocProfiler::new(mimalloc::MiMalloc);

fn main() {
    divan::main();
}
