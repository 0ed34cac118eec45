//! Arguments in, exit code out.

/// A request makes many small allocations on one thread and frees them there: what this allocator is made for.
#[cfg(feature = "live")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    portcullis::cli::main()
}
