//! Verdicts of messages that were judged before: a mail server that was told to wait hands the same message in again, often at once.
//!
//! Bounded; the oldest goes first. Keys are keyed hashes of envelope and content, so that nothing can be read out of them. What a mail
//! server itself adds anew each time, Date and a Message-ID made of the queue id, is left out of them, where it is nothing else.

use std::{
    collections::{HashMap, VecDeque, hash_map::RandomState},
    hash::{BuildHasher, Hasher},
    sync::{Mutex, PoisonError},
};

use super::judge::Judgement;
use crate::verdict::Envelope;

/// Verdicts by content.
#[derive(Debug)]
pub(super) struct Cache {
    limit: usize,
    secret: [u8; 32],
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    verdicts: HashMap<Key, Judgement>,
    order: VecDeque<Key>,
}

/// What a message is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key([u8; 32]);

impl Cache {
    /// A cache of so many verdicts.
    pub(super) fn new(limit: usize) -> Cache {
        let mut secret = [0; 32];
        for piece in secret.chunks_mut(8) {
            piece.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
        }
        Cache { limit, secret, known: Mutex::default() }
    }

    pub(super) fn get(&self, key: &Key) -> Option<Judgement> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).verdicts.get(key).cloned()
    }

    pub(super) fn put(&self, key: Key, judgement: &Judgement) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.verdicts.insert(key, judgement.clone()).is_none() {
            known.order.push_back(key);
        }
        while known.order.len() > self.limit {
            if let Some(oldest) = known.order.pop_front() {
                known.verdicts.remove(&oldest);
            }
        }
    }
}

impl Key {
    /// The key of a message; none where nothing is remembered.
    pub(super) fn of(raw: &[u8], envelope: &Envelope, queue: Option<&str>, cache: &Cache) -> Option<Key> {
        if cache.limit == 0 {
            return None;
        }
        let mut hasher = blake3::Hasher::new_keyed(&cache.secret);
        let mut text = |text: &[u8]| {
            hasher.update(&(text.len() as u64).to_le_bytes()).update(text);
        };
        text(envelope.from.as_deref().unwrap_or("").as_bytes());
        text(&(envelope.to.len() as u64).to_le_bytes());
        envelope.to.iter().for_each(|to| text(to.as_bytes()));
        let mut rest = raw;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (line, after) = rest.split_at(end + 1);
            if line == b"\r\n" {
                break;
            }
            let is_folded = after.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
            text(if is_folded { line } else { lasting(line, queue) });
            rest = after;
        }
        text(rest);
        Some(Key(*hasher.finalize().as_bytes()))
    }
}

/// What of a header line is the same when the message comes again.
fn lasting<'l>(line: &'l [u8], queue: Option<&str>) -> &'l [u8] {
    let Some(colon) = memchr::memchr(b':', line) else { return line };
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    let is_new = (name.eq_ignore_ascii_case(b"date") && is_date(value))
        || (name.eq_ignore_ascii_case(b"message-id") && queue.is_some_and(|queue| is_made_of(value, queue)));
    if is_new { name } else { line }
}

/// Whether it is a date as a mail server writes it: `Tue, 24 Nov 2026 12:24:23 +0000 (UTC)`.
fn is_date(value: &[u8]) -> bool {
    // A comment may hold anything: only the name of a zone is one here.
    let is_zone = |zone: &[u8]| zone.len() <= 5 && zone.iter().all(u8::is_ascii_alphabetic);
    let date = match value.strip_suffix(b")").and_then(|rest| Some((rest, memchr::memrchr(b'(', rest)?))) {
        Some((rest, open)) if is_zone(&rest[open + 1..]) => &rest[..open],
        Some(_) => return false,
        None => value,
    };
    let is_plain = date.len() <= 40 && !date.contains(&b'(');
    is_plain && std::str::from_utf8(date).is_ok_and(|date| jiff::fmt::rfc2822::parse(date.trim()).is_ok())
}

/// Whether it is `<YYYYMMDDHHMMSS.QUEUEID@host>`.
fn is_made_of(value: &[u8], queue: &str) -> bool {
    let Some(rest) = value.strip_prefix(b"<") else { return false };
    let Some((time, rest)) = rest.split_at_checked(14) else { return false };
    let rest = rest.strip_prefix(b".").and_then(|rest| rest.strip_prefix(queue.as_bytes()));
    let host = rest.and_then(|rest| rest.strip_prefix(b"@")).and_then(|rest| rest.strip_suffix(b">"));
    let is_name = |host: &[u8]| host.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    time.iter().all(u8::is_ascii_digit) && !queue.is_empty() && host.is_some_and(is_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{policy::NotInspectedAction, verdict::Decision};

    fn judgement() -> Judgement {
        Judgement {
            decision: Decision::Pass,
            found: Decision::Pass,
            probability: 0.01,
            rules: Vec::new(),
            unread: Vec::new(),
            over_limit: NotInspectedAction::Review,
        }
    }

    #[test]
    fn the_oldest_goes_first() {
        let cache = Cache::new(2);
        let keys = [1, 2, 3].map(|n| Key([n; 32]));
        for key in keys {
            cache.put(key, &judgement());
        }
        assert_eq!(keys.map(|key| cache.get(&key).is_some()), [false, true, true]);
    }

    #[test]
    fn a_message_that_comes_again_is_known_and_every_other_is_not() {
        let cache = Cache::new(10);
        let envelope = Envelope { from: Some("a@example.com".into()), to: vec!["b@example.org".into()] };
        let message = |date: &str, id: &str, body: &str| {
            format!("Date: {date}\r\nMessage-Id: {id}\r\nSubject: x\r\n\r\n{body}")
        };
        let key = |raw: &str, envelope: &Envelope, queue: &str| {
            Key::of(raw.as_bytes(), envelope, Some(queue), &cache).expect("remembered")
        };
        let (date, id) = ("Tue, 24 Nov 2026 12:24:23 +0000 (UTC)", "<20261124122423.4ABC@gw.example.com>");
        let first = key(&message(date, id, "body"), &envelope, "4ABC");
        let again =
            message("Tue, 24 Nov 2026 12:25:00 +0000 (UTC)", "<20261124122500.4DEF@gw.example.com>", "body");
        assert_eq!(first, key(&again, &envelope, "4DEF"));
        let other = Envelope { to: vec!["c@example.org".into()], ..envelope.clone() };
        for (raw, envelope, queue) in [
            (message(date, id, "bodY"), &envelope, "4ABC"),
            (message("4111 1111 1111 1111", id, "body"), &envelope, "4ABC"),
            (message("Tue, 24 Nov 2026 12:24:23 +0000 (4111111111111111)", id, "body"), &envelope, "4ABC"),
            (message(date, "<4111111111111111@gw.example.com>", "body"), &envelope, "4ABC"),
            (message(date, id, "body"), &envelope, "4XYZ"),
            (message(date, id, "body"), &other, "4ABC"),
            (message(date, id, "body").replace("Subject: x\r\n", ""), &envelope, "4ABC"),
        ] {
            assert_ne!(first, key(&raw, envelope, queue), "{raw}");
        }
    }

    #[test]
    fn nothing_is_remembered_where_nothing_is_to_be() {
        assert!(Key::of(b"x", &Envelope::default(), None, &Cache::new(0)).is_none());
    }
}
