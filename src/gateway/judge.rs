//! Messages are judged on threads of their own: a long one keeps nobody waiting on the wire, and a panic costs that one message.
//!
//! Who waits gives up at the deadline; a message that nobody waits for any more is not begun.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    action::Failure,
    cache::{Cache, Key},
    spool::Content,
};
use crate::{
    Filter,
    error::Error,
    policy::{NotInspectedAction, Policy, gateway::Gateway},
    verdict::{Decision, Envelope},
};

/// What judges messages.
pub trait Judge: Send + Sync {
    /// Judges one message.
    fn judge(&self, raw: &[u8], envelope: &Envelope) -> Judgement;
}

/// What the gateway needs of a verdict. It holds nothing of the message.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The policy's decision.
    pub decision: Decision,
    /// What it would be if all parts had been read.
    pub found: Decision,
    /// Probability that the auditor rejects the message.
    pub probability: f64,
    /// Rules that speak against it, the weightiest first.
    pub rules: Vec<RuleCount>,
    /// Why parts were not read; each reason once.
    pub unread: Vec<String>,
    /// What the policy does with what is over a limit.
    pub over_limit: NotInspectedAction,
}

/// A rule and how often it was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCount {
    /// Its id.
    pub id: String,
    /// Distinct values or terms.
    pub count: usize,
    /// What it says in English.
    pub message: String,
    /// Whether it speaks against the message, not for it.
    pub counts: bool,
}

impl Judge for Filter {
    fn judge(&self, raw: &[u8], envelope: &Envelope) -> Judgement {
        let verdict = self.check(raw, envelope);
        let policy: &Policy = self.policy();
        // Actions of rules have raised the probability to the thresholds; unread parts have not.
        let found = match verdict.probability {
            p if p >= policy.reject_at => Decision::Reject,
            p if p >= policy.review_at => Decision::Review,
            _ => Decision::Pass,
        };
        let rules = verdict.reasons.iter().map(|reason| RuleCount {
            id: reason.rule.id.clone(),
            count: reason.count,
            message: reason.rule.message.en.clone(),
            counts: reason.contribution > 0.0
                || matches!(
                    reason.rule.action,
                    crate::policy::Action::Review | crate::policy::Action::Reject
                ),
        });
        let mut unread: Vec<String> =
            verdict.not_inspected.iter().map(|part| part.reason.as_str().to_owned()).collect();
        unread.sort_unstable();
        unread.dedup();
        Judgement {
            decision: verdict.decision,
            found,
            probability: verdict.probability,
            rules: rules.collect(),
            unread,
            over_limit: policy.not_inspected.get("over-limit").copied().unwrap_or(NotInspectedAction::Review),
        }
    }
}

/// What judges, and how verdicts are dealt with: all that a new policy replaces.
pub struct Regime {
    /// What judges.
    pub judge: Box<dyn Judge>,
    /// What is done with verdicts.
    pub settings: Gateway,
    /// Short name of the policy's text.
    pub version: String,
    /// When it was loaded.
    pub loaded: Instant,
    /// Verdicts of messages that may come again.
    pub(super) cache: Cache,
}

impl Regime {
    /// A regime that begins now.
    pub fn new(judge: Box<dyn Judge>, settings: Gateway, version: String) -> Regime {
        let cache = Cache::new(settings.limits.cache);
        Regime { judge, settings, version, loaded: Instant::now(), cache }
    }
}

/// A judged message.
#[derive(Debug)]
pub(super) struct Judged {
    /// What came out.
    pub(super) outcome: Result<Judgement, Failure>,
    /// Whether it was known from an equal message before.
    pub(super) is_cached: bool,
    /// How long judging took, without waiting for it.
    pub(super) time: Duration,
}

impl Judged {
    /// A message that could not be judged.
    pub(super) fn failed(failure: Failure) -> Judged {
        Judged { outcome: Err(failure), is_cached: false, time: Duration::ZERO }
    }
}

/// A message to be judged.
pub(super) struct Task {
    pub(super) regime: Arc<Regime>,
    pub(super) content: Content,
    pub(super) envelope: Envelope,
    pub(super) queue: Option<String>,
}

type Job = (Task, oneshot::Sender<Judged>);

/// The threads that judge.
#[derive(Debug)]
pub(super) struct Judges {
    queue: Arc<Queue>,
}

/// Messages that wait for a thread. A channel whose receivers share a lock would wake two threads a message.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<Job>,
    /// Nobody asks any more.
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job, once there is one; none at the end.
    fn next(&self) -> Option<Job> {
        let is_idle = |waiting: &mut Waiting| waiting.jobs.is_empty() && !waiting.closed;
        let waiting = self.changed.wait_while(self.lock(), is_idle);
        waiting.unwrap_or_else(PoisonError::into_inner).jobs.pop_front()
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("jobs", &self.lock().jobs.len()).finish()
    }
}

impl Drop for Judges {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.changed.notify_all();
    }
}

/// Stack of a thread that judges; messages within messages are bounded far below it.
const STACK: usize = 8 << 20;

impl Judges {
    /// Starts `threads` threads; one a core for 0. They end when nobody can ask them any more.
    pub(super) fn start(threads: usize) -> Result<Judges, Error> {
        let threads = match threads {
            0 => thread::available_parallelism().map_or(2, usize::from),
            threads => threads,
        };
        let queue = Arc::new(Queue::default());
        for number in 0..threads {
            let queue = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("judge-{number}"))
                .stack_size(STACK)
                .spawn(move || work(&queue))
                .map_err(|error| Error::io("threads that judge", error))?;
        }
        Ok(Judges { queue })
    }

    /// Asks for a judgement; it comes through the receiver, which ends without one if a thread is lost.
    pub(super) fn ask(&self, task: Task) -> oneshot::Receiver<Judged> {
        let (answer, waiting) = oneshot::channel();
        self.queue.lock().jobs.push_back((task, answer));
        self.queue.changed.notify_one();
        waiting
    }
}

fn work(queue: &Queue) {
    while let Some((task, answer)) = queue.next() {
        if answer.is_closed() {
            continue;
        }
        let start = Instant::now();
        let judged = catch_unwind(AssertUnwindSafe(|| task.run()));
        let (outcome, is_cached) = judged.unwrap_or((Err(Failure::Error), false));
        // Who asked may have given up meanwhile.
        let _ = answer.send(Judged { outcome, is_cached, time: start.elapsed() });
    }
}

impl Task {
    fn run(self) -> (Result<Judgement, Failure>, bool) {
        let Ok((raw, _share)) = self.content.read() else { return (Err(Failure::Error), false) };
        let key = Key::of(&raw, &self.envelope, self.queue.as_deref(), &self.regime.cache);
        if let Some(known) = key.as_ref().and_then(|key| self.regime.cache.get(key)) {
            return (Ok(known), true);
        }
        let judgement = self.regime.judge.judge(&raw, &self.envelope);
        if let Some(key) = key {
            self.regime.cache.put(key, &judgement);
        }
        (Ok(judgement), false)
    }
}
