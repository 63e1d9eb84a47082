//! One run of the binary: in a folder of its own, and without an environment, so that nothing of the machine shows.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// What a run came to.
pub(crate) struct Ran {
    /// None where a signal ended it.
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// presend in `folder`, with nothing of the environment of the tests.
pub(crate) fn presend(folder: &Temp) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_presend"));
    command.current_dir(folder.path("")).env_clear();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What presend comes to in `folder`, without standard input.
pub(crate) fn ran(folder: &Temp, args: &[&str]) -> Ran {
    let mut command = presend(folder);
    command.args(args);
    run(command, b"")
}

/// What `command` comes to.
pub(crate) fn run(mut command: Command, stdin: &[u8]) -> Ran {
    let mut child = command.spawn().expect("presend starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let output = thread::scope(|scope| {
        // presend need not read what it does not need.
        scope.spawn(move || drop(pipe.write_all(stdin)));
        child.wait_with_output().expect("presend ends")
    });
    Ran {
        exit: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("standard output is UTF-8"),
        stderr: String::from_utf8(output.stderr).expect("standard error is UTF-8"),
    }
}

/// A folder of its own for one run, removed at the end.
pub(crate) struct Temp(PathBuf);

impl Temp {
    pub(crate) fn new() -> Temp {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("cli-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).expect("a temporary folder can be made");
        Temp(path)
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.0.join(below)
    }

    /// Makes a file, or a folder where the name ends in `/`.
    pub(crate) fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        let folder = if name.ends_with('/') { &path } else { path.parent().expect("a file is in a folder") };
        fs::create_dir_all(folder).expect("a folder can be made");
        if !name.ends_with('/') {
            fs::write(&path, content).expect("a file can be written");
        }
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        // A test that failed is told about by its own panic.
        let _ = fs::remove_dir_all(&self.0);
    }
}
