//! A service on loopback whose judge does what the message says.

use std::{
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use presend::{
    error::Error,
    gateway::{Judge, Judgement, Regime, RuleCount, Service, listen::Listener},
    policy::{Context, NotInspectedAction, Policy},
    verdict::{Decision, Envelope},
};
use tokio::sync::oneshot;

/// Raw messages and their envelopes.
type Seen = Vec<(Vec<u8>, Envelope)>;

/// Judges by words in the message, and keeps what it saw.
#[derive(Clone, Default)]
pub(crate) struct Words {
    pub(crate) seen: Arc<Mutex<Seen>>,
    pub(crate) begun: Arc<AtomicUsize>,
}

impl Judge for Words {
    fn judge(&self, raw: &[u8], envelope: &Envelope) -> Judgement {
        self.begun.fetch_add(1, Ordering::SeqCst);
        let text = String::from_utf8_lossy(raw);
        assert!(!text.contains("PANIC"), "the judge breaks down");
        if let Some(at) = text.find("SLEEP ") {
            let millis = text[at + 6..].split_whitespace().next().and_then(|n| n.parse().ok());
            thread::sleep(Duration::from_millis(millis.expect("milliseconds")));
        }
        self.seen.lock().expect("no panic").push((raw.to_vec(), envelope.clone()));
        let found = if text.contains("GUILTY") {
            Decision::Reject
        } else if text.contains("DOUBTFUL") {
            Decision::Review
        } else {
            Decision::Pass
        };
        let is_locked = text.contains("LOCKED");
        let rule = |id: &str| RuleCount {
            id: id.to_owned(),
            count: 2,
            message: "50% of all – “words” 词".to_owned(),
            counts: true,
        };
        Judgement {
            decision: if is_locked { found.max(Decision::Review) } else { found },
            found,
            probability: 0.5,
            rules: if found == Decision::Pass { Vec::new() } else { vec![rule("pii.thing")] },
            unread: if is_locked { vec!["encrypted".to_owned()] } else { Vec::new() },
            over_limit: NotInspectedAction::Review,
        }
    }
}

pub(crate) struct Server {
    pub(crate) at: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) judge: Words,
    pub(crate) service: Service,
    /// The policy that a reload takes.
    pub(crate) next: Arc<Mutex<String>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A service with the `[gateway]` that the text says.
pub(crate) fn serve(policy: &str) -> Server {
    let judge = Words::default();
    let next = Arc::new(Mutex::new(policy.to_owned()));
    let source = (judge.clone(), Arc::clone(&next));
    let regime = regime(policy, &judge).expect("a valid policy");
    let reload = Box::new(move || regime_of(&source.1.lock().expect("no panic"), &source.0));
    let service = Service::new(regime, reload).expect("threads");
    let (listener, admin) = (bound(), bound());
    let (at, admin_at) = (address(&listener), address(&admin));
    let (stop, stopped) = oneshot::channel();
    let running = service.clone();
    let thread = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listen =
                |listener| Listener::Tcp(tokio::net::TcpListener::from_std(listener).expect("a socket"));
            let stop = async { drop(stopped.await) };
            running.run(vec![listen(listener)], Some(listen(admin)), stop).await;
        });
    });
    Server { at, admin: admin_at, judge, service, next, stop: Some(stop), thread: Some(thread) }
}

fn bound() -> TcpListener {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    listener
}

fn address(listener: &TcpListener) -> SocketAddr {
    listener.local_addr().expect("an address")
}

fn regime(text: &str, judge: &Words) -> Result<Regime, Error> {
    regime_of(text, judge)
}

fn regime_of(text: &str, judge: &Words) -> Result<Regime, Error> {
    let read = |path: &Path| Err(Error::Usage(format!("{} is not there", path.display())));
    let policy =
        Policy::load(Path::new("presend.toml"), text, &Context { read: &read, today: "2026-11-24" })?;
    let version = format!("v{}", text.len());
    Ok(Regime::new(Box::new(judge.clone()), policy.gateway, version))
}

impl Server {
    /// Asks it to stop, without waiting for it.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Waits until it has stopped.
    pub(crate) fn join(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it ends well");
        }
    }

    /// The value of a metric.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let page = self.service.metrics();
        let line =
            page.lines().find(|line| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')));
        let value = line.and_then(|line| line.rsplit(' ').next()).unwrap_or("0");
        value.parse().expect("a number")
    }

    /// Waits until a metric has a value.
    pub(crate) fn wait_for(&self, name: &str, value: f64) {
        for _ in 0..500 {
            if (self.metric(name) - value).abs() < f64::EPSILON {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("{name} is {} and not {value}", self.metric(name));
    }

    /// The raw messages that were judged.
    pub(crate) fn seen(&self) -> Seen {
        self.judge.seen.lock().expect("no panic").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.join();
        }
    }
}
