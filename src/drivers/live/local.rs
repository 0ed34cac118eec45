//! Where hyper's tasks run: on the thread of the worker that they belong to.

use std::future::Future;

/// Spawns on the worker's own thread.
#[derive(Clone, Copy, Debug)]
pub struct Local;

impl<F: Future<Output = ()> + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, task: F) {
        tokio::task::spawn_local(task);
    }
}
