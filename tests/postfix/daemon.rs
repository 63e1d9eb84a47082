//! `presend milter` as a process of its own.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::instance::{Folder, free_port};

pub(crate) struct Daemon {
    child: Child,
    pub(crate) folder: Folder,
    port: u16,
    admin: u16,
}

impl Daemon {
    /// Starts it with a policy, on a socket in its folder and on a TCP port.
    pub(crate) fn start(policy: &str) -> Daemon {
        let folder = Folder::new();
        let (port, admin) = (free_port(), free_port());
        let mut daemon = Daemon { child: idle(), folder, port, admin };
        daemon.set_policy(policy);
        daemon.restart();
        daemon
    }

    /// Starts it again, where it was.
    pub(crate) fn restart(&mut self) {
        let _ = self.child.wait();
        let log = File::options().create(true).append(true).open(self.folder.join("log")).expect("ours");
        self.child = Command::new(env!("CARGO_BIN_EXE_presend"))
            .args(["milter", "--socket-mode", "0666", "--policy"])
            .arg(self.folder.join("presend.toml"))
            .arg("--listen")
            .arg(self.unix())
            .arg("--listen")
            .arg(self.tcp())
            .arg("--admin")
            .arg(format!("inet:127.0.0.1:{}", self.admin))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("presend starts");
        let limit = Instant::now() + Duration::from_secs(30);
        while self.ask("GET /healthz").is_none_or(|answer| !answer.ends_with("ok\n")) {
            assert!(Instant::now() < limit, "it does not start: {}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn set_policy(&self, policy: &str) {
        fs::write(self.folder.join("presend.toml"), policy).expect("ours");
    }

    pub(crate) fn unix(&self) -> String {
        format!("unix:{}", self.socket().display())
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("milter.sock")
    }

    pub(crate) fn tcp(&self) -> String {
        format!("inet:127.0.0.1:{}", self.port)
    }

    /// For miltertest.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Its lines about messages, once there are `count`.
    pub(crate) fn messages(&self, count: usize) -> Vec<String> {
        let limit = Instant::now() + Duration::from_secs(30);
        loop {
            let lines: Vec<String> = self
                .log()
                .lines()
                .filter(|line| line.contains(" message queue="))
                .map(str::to_owned)
                .collect();
            if lines.len() >= count {
                return lines;
            }
            assert!(Instant::now() < limit, "{count} messages are not in the log:\n{}", self.log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks the admin address; nothing where nobody answers.
    pub(crate) fn ask(&self, request: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.admin)).ok()?;
        write!(stream, "{request} HTTP/1.1\r\nHost: x\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    pub(crate) fn metric(&self, name: &str) -> f64 {
        let page = self.ask("GET /metrics").expect("it runs");
        let line =
            page.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        line.and_then(|line| line.rsplit(' ').next()).map_or(0.0, |value| value.parse().expect("a number"))
    }

    /// `presend milter --reload`: whether it was taken, and what was said.
    pub(crate) fn reload(&self) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_presend"))
            .args(["milter", "--reload", "--admin", &format!("inet:127.0.0.1:{}", self.admin)])
            .output()
            .expect("presend runs");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        (output.status.success(), said.into_owned())
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(status.expect("kill is there").success());
    }

    /// Waits for its end; whether it was a good one.
    pub(crate) fn wait(&mut self) -> bool {
        self.child.wait().expect("ours").success()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that ends at once, in place of one that runs.
fn idle() -> Child {
    Command::new("true").spawn().expect("it is there")
}
