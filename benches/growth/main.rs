//! What a large configuration costs: loading it, loading it again after a change, finding an operation in it.
//!
//! `cargo bench --bench growth`. For the cost of routing in instructions, run the binary under callgrind (see
//! `docs/performance.md`).

mod estate;

use divan::Bencher;
use portcullis::diagnostics::Diagnostics;
use portcullis::drivers::program::{self, Compiled, Rules};
use portcullis::drivers::units::Units;
use portcullis::gateway::load::{FileText, Given, Kept};
use portcullis::gateway::{self, Gateway, Router};
use portcullis::message::{Headers, Method};
use portcullis::source::Sources;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const APIS: usize = 500;
const OPERATIONS: usize = 20;

fn main() {
    let begun = std::time::Instant::now();
    let (mut kept, mut units) = (Kept::default(), Units::default());
    let estate = read(&files(estate::texts(APIS, OPERATIONS)), &mut kept, &mut units);
    println!(
        "{} operations in {APIS} APIs: {:?}, {} documents compiled, {} MiB at most",
        estate.gateway.apis.iter().map(|api| api.operations.len()).sum::<usize>(),
        begun.elapsed(),
        units.compiled,
        most_memory().unwrap_or(0) >> 10,
    );
    drop((estate, kept, units));
    divan::main();
}

/// The largest resident set so far, in KiB.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

struct Estate {
    gateway: Gateway,
    router: Router,
    _program: Compiled,
}

fn files(texts: estate::Texts) -> Vec<Arc<FileText>> {
    texts.into_iter().map(|(path, bytes)| Arc::new(FileText::new("estate", &path, bytes))).collect()
}

fn read(texts: &[Arc<FileText>], kept: &mut Kept, units: &mut Units) -> Estate {
    let (mut sources, mut found) = (Sources::new(), Diagnostics::new());
    let gateway = gateway::load::reload(texts, &Given::default(), &mut sources, kept, &mut found);
    let (router, shadowed) = Router::new(&gateway);
    let program = program::recompile(&gateway, &mut sources, Rules::default(), units, &mut found);
    assert!(!found.has_errors() && shadowed.is_empty(), "{shadowed:?} {:?}", found.into_sorted());
    Estate { gateway, router, _program: program }
}

/// From texts in memory to a configuration that serves.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn load(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| estate::texts(APIS, OPERATIONS))
        .bench_values(|texts| read(&files(texts), &mut Kept::default(), &mut Units::default()));
}

/// The same after one API's policy has changed.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn reload(bencher: Bencher<'_, '_>) {
    let (mut kept, mut units) = (Kept::default(), Units::default());
    let mut texts = files(estate::texts(APIS, OPERATIONS));
    drop(read(&texts, &mut kept, &mut units));
    let changed = texts.iter().position(|own| own.path() == "apis/api-77/policy.xml").expect("one of the estate");
    let mut version = 0;
    bencher
        .with_inputs(|| {
            version += 1;
            let text = estate::api_policy(77, version).into_bytes();
            texts[changed] = Arc::new(FileText::new("estate", "apis/api-77/policy.xml", text));
            texts.clone()
        })
        .bench_local_values(|texts| read(&texts, &mut kept, &mut units));
}

/// Finding an operation among so many.
#[divan::bench(args = [10, 10_000])]
fn route(bencher: Bencher<'_, '_>, count: usize) {
    let (apis, operations) = if count == 10 { (1, 10) } else { (APIS, OPERATIONS) };
    let estate = read(&files(estate::texts(apis, operations)), &mut Kept::default(), &mut Units::default());
    let (path, headers) = ("/team-0/service-0/collection-7/42/items", Headers::new());
    bencher.bench_local(|| estate.router.route(&Method::GET, path, None, &headers).is_ok());
}
