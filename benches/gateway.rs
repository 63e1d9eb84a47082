//! The gateway under load: a folder of messages replayed through Postfix alone, with a milter that does nothing, and with presend, one after another
//! on the same machine.
//!
//! `cargo bench --bench gateway -- FOLDER [MESSAGES] [SECONDS]` needs root, Postfix, and for the milter that does nothing a C compiler and
//! libmilter-dev. `PRESEND_BENCH_OTHER="PLACE NAME"` adds a milter that runs already: where Postfix finds it, and the name of its processes. With SECONDS, presend alone is kept at full rate for so long, and its memory is shown ten times on the way. Mail is thrown away.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its result")]

#[path = "../tests/postfix/instance.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod instance;
#[path = "../tests/postfix/smtp.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod smtp;

use std::{
    env, fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use instance::{Folder, Postfix, free_port};
use presend::source;
use smtp::Smtp;

/// Names the place and the processes of another milter.
const OTHER: &str = "PRESEND_BENCH_OTHER";

/// A run ends here, whatever is left.
const LONGEST: Duration = Duration::from_secs(60);

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let Some(folder) = arguments.next() else {
        println!("name a folder of messages: cargo bench --bench gateway -- FOLDER");
        return;
    };
    let mut number = || arguments.next().and_then(|argument| argument.parse().ok());
    let (count, seconds) = (number().unwrap_or(2000), number());
    let listing = source::find(&[PathBuf::from(&folder)], true);
    let read = listing.items.iter().take(count).map(|item| item.read(50 << 20).expect("readable"));
    let messages: Arc<Vec<Vec<u8>>> = Arc::new(read.map(|raw| lf(&raw)).collect());
    assert!(!messages.is_empty(), "no message in {folder}");
    let bytes: usize = messages.iter().map(Vec::len).sum();
    println!("{} messages, {} kB each", messages.len(), bytes / messages.len() / 1000);
    if let Some(seconds) = seconds {
        soak(&messages, seconds);
        return;
    }
    println!(
        "{:24} {:>5} {:>8} {:>22} {:>12} {:>8}",
        "", "conns", "msg/s", "p50 / p95 / p99 ms", "CPU ms/msg", "RSS MB"
    );
    let other = env::var(OTHER).is_ok().then_some("another");
    for setup in ["Postfix alone", "no-op, unix", "presend, unix", "presend, TCP"].into_iter().chain(other) {
        let Some(milter) = Milter::start(setup) else {
            println!("{setup:24} cannot be built: libmilter-dev or a C compiler is missing");
            continue;
        };
        let postfix = Postfix::start(&milter.place, "default_transport = discard:");
        for connections in [1, 8] {
            let cpu = milter.cpu();
            let run = replay(&postfix, &messages, connections, messages.len(), LONGEST);
            let each = milter
                .cpu()
                .zip(cpu)
                .map(|(after, before)| (after - before) * 1000.0 / run.times.len() as f64);
            println!(
                "{setup:24} {connections:5} {:8.0} {:>22} {:>12} {:>8}",
                run.times.len() as f64 / run.seconds,
                run.percentiles(),
                each.map_or("-".into(), |each| format!("{each:.2}")),
                milter.rss().map_or("-".into(), |rss| format!("{rss:.1}")),
            );
        }
    }
}

/// Full rate for long: the memory must not grow.
fn soak(messages: &Arc<Vec<Vec<u8>>>, seconds: usize) {
    let milter = Milter::start("presend, unix").expect("presend runs");
    let postfix = Postfix::start(&milter.place, "default_transport = discard:");
    for tenth in 1..=10 {
        let length = Duration::from_millis(seconds as u64 * 100);
        let run = replay(&postfix, messages, 8, usize::MAX, length);
        let rss = milter.rss().unwrap_or_default();
        println!("{:4} s: {:6} messages, RSS {rss:.1} MB", seconds * tenth / 10, run.times.len());
    }
}

/// One setup's milter.
struct Milter {
    child: Option<Child>,
    /// The name of the processes of one that runs already.
    name: Option<String>,
    place: String,
    _folder: Folder,
}

impl Milter {
    fn start(setup: &str) -> Option<Milter> {
        let folder = Folder::new();
        let socket = folder.join("milter.sock");
        let mut place = format!("unix:{}", socket.display());
        let mut name = None;
        let child = match setup {
            "Postfix alone" => {
                place = String::new();
                None
            }
            "another" => {
                let given = env::var(OTHER).unwrap_or_default();
                let (at, processes) =
                    given.split_once(' ').expect("a place, a space and a name of processes");
                (place, name) = (at.to_owned(), Some(processes.to_owned()));
                None
            }
            "no-op, unix" => {
                let (source, program) =
                    (concat!(env!("CARGO_MANIFEST_DIR"), "/benches/gateway/noop.c"), folder.join("noop"));
                let built = Command::new("cc")
                    .args(["-O2", "-w", source, "-lmilter", "-lpthread", "-o"])
                    .arg(&program)
                    .status();
                built.ok().filter(|status| status.success())?;
                // Whoever runs Postfix may connect.
                let script = format!("umask 0; exec {} local:{}", program.display(), socket.display());
                Some(Command::new("sh").args(["-c", &script]).spawn().expect("sh is there"))
            }
            _ => {
                if setup.ends_with("TCP") {
                    place = format!("inet:127.0.0.1:{}", free_port());
                }
                // Every message goes its whole way in every round.
                let policy = folder.join("presend.toml");
                fs::write(&policy, "[gateway]\ndry_run = true\n[gateway.limits]\ncache = 0\n").expect("ours");
                let mut command = Command::new(env!("CARGO_BIN_EXE_presend"));
                command.args(["milter", "--socket-mode", "0666", "--listen", &place, "--policy"]).arg(policy);
                Some(command.stderr(Stdio::null()).spawn().expect("presend starts"))
            }
        };
        // Long enough to listen.
        thread::sleep(Duration::from_secs(2));
        Some(Milter { child, name, place, _folder: folder })
    }

    /// The folders of its processes below `/proc`.
    fn processes(&self) -> Vec<PathBuf> {
        let Some(name) = &self.name else {
            let own = self.child.iter().map(|child| PathBuf::from(format!("/proc/{}", child.id())));
            return own.collect();
        };
        let is_named = |folder: &PathBuf| {
            fs::read_to_string(folder.join("comm")).is_ok_and(|found| found.trim() == name)
        };
        let all = fs::read_dir("/proc").expect("Linux has it").flatten().map(|entry| entry.path());
        all.filter(is_named).collect()
    }

    /// Seconds of processor that it has used.
    fn cpu(&self) -> Option<f64> {
        let of = |folder: PathBuf| {
            let stat = fs::read_to_string(folder.join("stat")).ok()?;
            let fields: Vec<&str> = stat.rsplit(')').next()?.split_whitespace().collect();
            let ticks = fields.get(11..13)?.iter().filter_map(|field| field.parse::<f64>().ok());
            Some(ticks.sum::<f64>() / 100.0)
        };
        self.processes().into_iter().map(of).reduce(|sum, one| Some(sum? + one?))?
    }

    fn rss(&self) -> Option<f64> {
        let of = |folder: PathBuf| {
            let pages = fs::read_to_string(folder.join("statm")).ok()?;
            let pages: f64 = pages.split_whitespace().nth(1)?.parse().ok()?;
            Some(pages * 4096.0 / 1e6)
        };
        self.processes().into_iter().map(of).reduce(|sum, one| Some(sum? + one?))?
    }
}

impl Drop for Milter {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// What a replay came to.
struct Run {
    /// From the end of each message to its reply, in order of length.
    times: Vec<Duration>,
    seconds: f64,
}

impl Run {
    fn percentiles(&self) -> String {
        let at = |share: f64| {
            let index = ((self.times.len() as f64 * share) as usize).min(self.times.len() - 1);
            format!("{:.1}", self.times[index].as_secs_f64() * 1000.0)
        };
        [0.5, 0.95, 0.99].map(at).join(" / ")
    }
}

/// Sends messages over so many connections, until there are `count` or the time is up.
fn replay(
    postfix: &Postfix,
    messages: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    count: usize,
    longest: Duration,
) -> Run {
    let (next, times) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let start = Instant::now();
    let senders: Vec<_> = (0..connections)
        .map(|_| {
            let (messages, next, times) = (Arc::clone(messages), Arc::clone(&next), Arc::clone(&times));
            let at = postfix.smtp;
            thread::spawn(move || {
                let mut smtp = Smtp::connect(at);
                let mut own = Vec::new();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count || start.elapsed() > longest {
                        break;
                    }
                    let raw = &messages[index % messages.len()];
                    assert!(smtp.begin("a@example.com", &["b@example.org"]).starts_with("354"), "refused");
                    let wire = Smtp::wire(raw);
                    let sent = Instant::now();
                    smtp.write(&wire);
                    let reply = smtp.reply();
                    own.push(sent.elapsed());
                    assert!(reply.starts_with("250 "), "{reply}");
                }
                times.lock().expect("no panic").extend(own);
            })
        })
        .collect();
    for sender in senders {
        sender.join().expect("every message is taken");
    }
    let seconds = start.elapsed().as_secs_f64();
    let mut times = std::mem::take(&mut *times.lock().expect("no panic"));
    times.sort_unstable();
    Run { times, seconds }
}

/// A message with LF line ends and without the line that an mbox puts before it.
fn lf(raw: &[u8]) -> Vec<u8> {
    let start = if raw.starts_with(b"From ") {
        raw.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1)
    } else {
        0
    };
    let mut out: Vec<u8> = raw[start..].iter().copied().filter(|byte| *byte != b'\r').collect();
    if !out.ends_with(b"\n") {
        out.push(b'\n');
    }
    out
}
