//! The built program as users start it, and folders of files to start it with.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Runs it to its end: exit code, standard output, standard error.
pub fn portcullis(arguments: &[&str]) -> (i32, String, String) {
    let output = program()
        .args(arguments)
        .stdin(Stdio::null())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the binary runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

fn program() -> std::process::Command {
    std::process::Command::new(env!("CARGO_BIN_EXE_portcullis"))
}

/// The command, ended when the test is over.
pub struct Command(pub Child);

impl Drop for Command {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts `serve` on a free port and waits for its address.
pub fn command(arguments: &[&str]) -> (Command, SocketAddr, BufReader<ChildStdout>) {
    command_with(arguments, &[])
}

/// As [`command`], with variables in its environment.
pub fn command_with(arguments: &[&str], environment: &[(&str, &str)]) -> (Command, SocketAddr, BufReader<ChildStdout>) {
    let (command, [address], out) = command_at(["127.0.0.1:0"], arguments, environment);
    (command, address, out)
}

/// Starts `serve` with these listeners and waits for the address of each.
pub fn command_at<const N: usize>(
    listeners: [&str; N],
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (Command, [SocketAddr; N], BufReader<ChildStdout>) {
    let mut child = program()
        .args(["serve", "--workers", "2"])
        .args(listeners.iter().flat_map(|own| ["--listen", own]))
        .args(arguments)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let addresses = listeners.map(|_| {
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        let Some(address) = line.trim().rsplit("//").next().and_then(|address| address.parse().ok()) else {
            let mut said = String::new();
            let _ = child.stderr.take().expect("a pipe").read_to_string(&mut said);
            panic!("no address in {line:?}: {said}");
        };
        address
    });
    (Command(child), addresses, out)
}

/// A directory of its own with these files, gone when dropped.
pub struct Folder(pub std::path::PathBuf);

impl Folder {
    pub fn new(name: &str, files: &[(&str, &str)]) -> Folder {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let folder = Folder(std::env::temp_dir().join(format!("portcullis-{name}-{process}-{number}")));
        std::fs::create_dir_all(&folder.0).expect("creates");
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("creates");
        std::fs::write(path, text).expect("writes");
    }

    pub fn path(&self) -> &str {
        self.0.to_str().expect("text")
    }

    /// Where this file of it lies.
    pub fn file(&self, name: &str) -> String {
        format!("{}/{name}", self.path())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind lies in the system's folder for such things.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
