//! Counts of what went through, in the text format of Prometheus.
//!
//! Labels are verdicts, answers, rule ids and names of failures: nothing that a sender chooses.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{action::Ruling, judge::Judged};

/// Upper bounds of the histogram, in seconds.
const BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Counts since the start.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    counts: Mutex<Counts>,
    /// Connections that are open.
    pub(super) connections: AtomicUsize,
    /// Connections that came.
    pub(super) accepted: AtomicU64,
    /// Connections that spoke no milter protocol.
    pub(super) broken: AtomicU64,
    /// Messages that were told to come again before they began.
    pub(super) busy: AtomicU64,
    /// Messages that ended before they were complete.
    pub(super) aborted: AtomicU64,
    /// Messages that are on their way.
    pub(super) in_flight: AtomicUsize,
    /// New policies that were taken.
    pub(super) reloads: AtomicU64,
    /// New policies that were refused.
    pub(super) refused_reloads: AtomicU64,
}

#[derive(Debug, Default)]
struct Counts {
    messages: BTreeMap<(&'static str, &'static str), u64>,
    rules: BTreeMap<String, u64>,
    failures: BTreeMap<&'static str, u64>,
    cached: u64,
    bytes: u64,
    waited: Histogram,
    judged: Histogram,
}

#[derive(Debug, Default)]
struct Histogram {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    fn add(&mut self, time: Duration) {
        let seconds = time.as_secs_f64();
        for (count, bound) in self.buckets.iter_mut().zip(BUCKETS) {
            *count += u64::from(seconds <= bound);
        }
        self.count += 1;
        self.sum += seconds;
    }
}

/// What a page of metrics says besides the counts.
#[derive(Debug)]
pub(super) struct Now<'n> {
    /// The policy in force.
    pub(super) version: &'n str,
    /// How long it has been.
    pub(super) age: Duration,
    /// Bytes of messages in memory.
    pub(super) memory: usize,
}

impl Metrics {
    /// Counts a message. `judged` is none for one that was not to be judged; `waited` is how long its sender did.
    pub(super) fn message(&self, judged: Option<&Judged>, ruling: &Ruling, size: usize, waited: Duration) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = verdict_of(judged);
        *counts.messages.entry((verdict, ruling.answer.as_str())).or_default() += 1;
        counts.bytes += size as u64;
        counts.waited.add(waited);
        let Some(judged) = judged else { return };
        counts.cached += u64::from(judged.is_cached);
        counts.judged.add(judged.time);
        match &judged.outcome {
            Ok(judgement) => {
                for rule in &judgement.rules {
                    match counts.rules.get_mut(&rule.id) {
                        Some(count) => *count += 1,
                        None => {
                            counts.rules.insert(rule.id.clone(), 1);
                        }
                    }
                }
            }
            Err(failure) => *counts.failures.entry(failure.as_str()).or_default() += 1,
        }
    }

    /// The page.
    pub(super) fn page(&self, now: &Now<'_>) -> String {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut page = Page::default();
        page.head("messages_total", "counter", "messages by verdict and by what was done with them");
        for ((verdict, answer), count) in &counts.messages {
            page.value(
                "messages_total",
                &format!("verdict=\"{verdict}\",action=\"{answer}\""),
                *count as f64,
            );
        }
        page.head("rule_messages_total", "counter", "messages in which a rule was found");
        for (rule, count) in &counts.rules {
            page.value("rule_messages_total", &format!("rule=\"{}\"", escaped(rule)), *count as f64);
        }
        page.head("failures_total", "counter", "messages without a verdict, by reason");
        for (reason, count) in &counts.failures {
            page.value("failures_total", &format!("reason=\"{reason}\""), *count as f64);
        }
        page.histogram("answer_seconds", "from the end of a message to its answer", &counts.waited);
        page.histogram("judge_seconds", "judging of a message", &counts.judged);
        let load = |number: &AtomicU64| number.load(Ordering::Relaxed) as f64;
        let now_at = |number: &AtomicUsize| number.load(Ordering::Relaxed) as f64;
        for (name, help, value) in [
            ("message_bytes_total", "bytes of messages", counts.bytes as f64),
            ("cached_total", "verdicts that were remembered", counts.cached as f64),
            ("connections_total", "connections that came", load(&self.accepted)),
            ("protocol_errors_total", "connections that spoke no milter protocol", load(&self.broken)),
            ("busy_total", "messages told to come again for want of room", load(&self.busy)),
            ("aborted_total", "messages that ended before they were complete", load(&self.aborted)),
            ("reloads_total", "policies taken", load(&self.reloads)),
            ("reload_failures_total", "policies refused", load(&self.refused_reloads)),
        ] {
            page.single(name, "counter", help, value);
        }
        for (name, help, value) in [
            ("connections", "connections that are open", now_at(&self.connections)),
            ("messages_in_flight", "messages on their way", now_at(&self.in_flight)),
            ("memory_bytes", "bytes of messages in memory", now.memory as f64),
            ("policy_age_seconds", "since the policy was loaded", now.age.as_secs_f64()),
        ] {
            page.single(name, "gauge", help, value);
        }
        page.head("policy_info", "gauge", "the policy in force");
        page.value("policy_info", &format!("version=\"{}\"", escaped(now.version)), 1.0);
        page.out
    }
}

/// What a message is counted and logged under.
pub(super) fn verdict_of(judged: Option<&Judged>) -> &'static str {
    match judged.map(|judged| &judged.outcome) {
        None => "exempt",
        Some(Ok(judgement)) => judgement.decision.as_str(),
        Some(Err(_)) => "none",
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[derive(Default)]
struct Page {
    out: String,
}

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.out, "# HELP presend_{name} {help}\n# TYPE presend_{name} {kind}");
    }

    fn value(&mut self, name: &str, labels: &str, value: f64) {
        let (open, close) = if labels.is_empty() { ("", "") } else { ("{", "}") };
        let _ = writeln!(self.out, "presend_{name}{open}{labels}{close} {value}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: f64) {
        self.head(name, kind, help);
        self.value(name, "", value);
    }

    fn histogram(&mut self, name: &str, help: &str, histogram: &Histogram) {
        self.head(name, "histogram", help);
        for (bound, count) in BUCKETS.iter().zip(histogram.buckets) {
            self.value(&format!("{name}_bucket"), &format!("le=\"{bound}\""), count as f64);
        }
        self.value(&format!("{name}_bucket"), "le=\"+Inf\"", histogram.count as f64);
        self.value(&format!("{name}_sum"), "", histogram.sum);
        self.value(&format!("{name}_count"), "", histogram.count as f64);
    }
}
