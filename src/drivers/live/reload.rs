//! A value that is swapped while others use it, and word that files have changed.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The configuration in force. A worker asks for it through its own [`Seen`]: one atomic read unless it changed.
#[derive(Debug)]
pub struct Current<T> {
    generation: AtomicU64,
    value: Mutex<Arc<T>>,
}

impl<T> Current<T> {
    pub fn new(value: T) -> Current<T> {
        Current { generation: AtomicU64::new(0), value: Mutex::new(Arc::new(value)) }
    }

    /// Requests that are under way keep the value they began with.
    pub fn replace(&self, value: T) {
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(value);
        self.generation.fetch_add(1, Ordering::Release);
    }

    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One worker's view of a [`Current`].
#[expect(clippy::redundant_allocation, reason = "a count of its own spares workers a shared one")]
pub struct Seen<T> {
    current: Arc<Current<T>>,
    /// Counted apart from other workers', whose cores would fight over one counter.
    own: RefCell<(u64, Rc<Arc<T>>)>,
}

impl<T> Seen<T> {
    pub fn new(current: Arc<Current<T>>) -> Seen<T> {
        let generation = current.generation.load(Ordering::Acquire);
        let value = current.get();
        Seen { current, own: RefCell::new((generation, Rc::new(value))) }
    }

    #[expect(clippy::redundant_allocation, reason = "a count of its own spares workers a shared one")]
    pub fn get(&self) -> Rc<Arc<T>> {
        let generation = self.current.generation.load(Ordering::Acquire);
        let own = &mut *self.own.borrow_mut();
        if own.0 != generation {
            *own = (generation, Rc::new(self.current.get()));
        }
        Rc::clone(&own.1)
    }
}

/// Tells when files below a path change.
pub struct Watcher {
    _watcher: notify::RecommendedWatcher,
    folders: Vec<PathBuf>,
    files: Vec<WatchedFile>,
    /// Which files below those folders anybody reads.
    matters: fn(&Path) -> bool,
    changes: tokio::sync::mpsc::Receiver<()>,
    /// Which; `None` when the system has lost count.
    paths: Arc<Mutex<Option<BTreeSet<PathBuf>>>>,
}

/// A file by itself. What else happens in its folder is nobody's business: a log may grow there.
struct WatchedFile {
    path: PathBuf,
    /// Which file that name leads to now: mounted configurations change by a link above them.
    seen: Option<PathBuf>,
}

impl WatchedFile {
    fn new(path: &Path) -> WatchedFile {
        WatchedFile { path: absolute(path), seen: path.canonicalize().ok() }
    }

    fn concerned(&mut self, changed: &BTreeSet<PathBuf>) -> bool {
        let before = std::mem::replace(&mut self.seen, self.path.canonicalize().ok());
        changed.contains(&self.path) || before != self.seen
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// How long nothing may happen before the writing counts as done: one file is soon written, of many more may come.
const CALM_OF_ONE: Duration = Duration::from_millis(8);
const CALM_OF_MANY: Duration = Duration::from_millis(30);

impl Watcher {
    /// Watches files, and folders with what is below them where it `matters`.
    pub fn new(paths: &[PathBuf], matters: fn(&Path) -> bool) -> notify::Result<Watcher> {
        use notify::{EventKind, RecursiveMode, Watcher as _};
        let (send, changes) = tokio::sync::mpsc::channel(1);
        let changed = Arc::new(Mutex::new(Some(BTreeSet::new())));
        let noted = Arc::clone(&changed);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let noted = &mut *noted.lock().unwrap_or_else(PoisonError::into_inner);
            match event {
                Ok(event) if matches!(event.kind, EventKind::Access(_)) => return,
                Ok(event) if !event.need_rescan() && !event.paths.is_empty() => {
                    if let Some(noted) = noted {
                        noted.extend(event.paths.iter().map(|path| absolute(path)));
                    }
                }
                _ => *noted = None,
            }
            // When one is waiting already, that is enough.
            let _ = send.try_send(());
        })?;
        let (mut folders, mut files) = (Vec::new(), Vec::new());
        for path in paths {
            if path.is_dir() {
                folders.push(absolute(path));
            } else {
                files.push(WatchedFile::new(path));
            }
            // Editors replace files: the folder is watched, not the file.
            let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(path) };
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let mode = if path.is_dir() { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            watcher.watch(folder, mode)?;
        }
        Ok(Watcher { _watcher: watcher, folders, files, matters, changes, paths: changed })
    }

    /// Waits for a change of what is watched, and for the writing to calm down. What has changed; `None` is anything.
    pub async fn changed(&mut self) -> Option<BTreeSet<PathBuf>> {
        loop {
            let mut changed = self.any_change().await?;
            let mut of_file = false;
            for file in &mut self.files {
                of_file |= file.concerned(&changed);
            }
            if of_file {
                return Some(changed);
            }
            let below = |path: &PathBuf| self.folders.iter().any(|folder| path.starts_with(folder));
            changed.retain(|path| below(path) && (self.matters)(path));
            if !changed.is_empty() {
                return Some(changed);
            }
        }
    }

    async fn any_change(&mut self) -> Option<BTreeSet<PathBuf>> {
        if self.changes.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        loop {
            let is_one = {
                let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
                paths.as_ref().is_some_and(|paths| paths.len() <= 1)
            };
            let calm = if is_one { CALM_OF_ONE } else { CALM_OF_MANY };
            if !matches!(tokio::time::timeout(calm, self.changes.recv()).await, Ok(Some(()))) {
                break;
            }
        }
        self.paths.lock().unwrap_or_else(PoisonError::into_inner).replace(BTreeSet::new())
    }
}
