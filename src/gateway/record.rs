//! The line of the log for each message.
//!
//! It holds ids, counts, sizes and times. Addresses, login and subject are in it only where the policy asks for them by name.

use std::time::Duration;

use super::{
    action::Ruling,
    judge::Judged,
    metrics::verdict_of,
    transaction::{Transaction, shown},
};
use crate::policy::gateway::{Log, Shown};

/// What the line is about.
pub(super) struct Record<'r> {
    /// Number of the connection.
    pub(super) connection: u64,
    /// The message, its content taken out.
    pub(super) message: &'r Transaction,
    /// Its verdict; none where it was not to be judged.
    pub(super) judged: Option<&'r Judged>,
    /// What became of it.
    pub(super) ruling: &'r Ruling,
    /// How long the mail server waited for the answer.
    pub(super) waited: Duration,
    /// Whether the mail server was there to hear it.
    pub(super) is_heard: bool,
    /// The policy that it was judged by.
    pub(super) policy: &'r str,
}

impl Record<'_> {
    /// Writes the line.
    pub(super) fn log(&self, log: &Log) {
        let Record { message, judged, ruling, .. } = self;
        let shows = |what| log.show.contains(&what);
        let text = |text: &Option<String>| text.as_ref().map(|text| shown(text.as_bytes()));
        let judgement = judged.and_then(|judged| judged.outcome.as_ref().ok());
        let failure = judged.and_then(|judged| judged.outcome.as_ref().err()).map(|failure| failure.as_str());
        let rules = judgement.map(|judgement| {
            let rules: Vec<String> =
                judgement.rules.iter().map(|rule| format!("{}:{}", rule.id, rule.count)).collect();
            rules.join(",")
        });
        let rules = rules.filter(|rules| !rules.is_empty());
        let unread =
            judgement.map(|judgement| judgement.unread.join(",")).filter(|unread| !unread.is_empty());
        let meant = (ruling.meant != ruling.answer).then(|| ruling.meant.as_str());
        let recipients = shows(Shown::Recipients).then(|| shown(message.recipients.join(",").as_bytes()));
        tracing::info!(
            target: "presend",
            queue = message.queue.as_deref().unwrap_or("-"),
            connection = self.connection,
            verdict = verdict_of(*judged),
            action = ruling.answer.as_str(),
            would = meant,
            probability = judgement.map(|judgement| (judgement.probability * 1000.0).round() / 1000.0),
            rules,
            unread,
            failure,
            too_large = message.is_too_large().then_some(true),
            cached = judged.is_some_and(|judged| judged.is_cached).then_some(true),
            unheard = (!self.is_heard).then_some(true),
            bytes = message.size,
            recipients_count = message.recipients.len(),
            ms = (self.waited.as_secs_f64() * 10_000.0).round() / 10.0,
            policy = self.policy,
            sender = shows(Shown::Sender).then(|| text(&message.sender)).flatten(),
            recipients,
            login = shows(Shown::Login).then(|| text(&message.login)).flatten(),
            client = shows(Shown::Client).then(|| text(&message.client)).flatten(),
            subject = shows(Shown::Subject).then(|| text(&message.subject)).flatten(),
            "message"
        );
    }
}
