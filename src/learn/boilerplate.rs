//! Raw messages in, a list of paragraphs that recur across senders out: disclaimers and footers, by keyed hash.
//!
//! The list holds no readable text. Whoever has the key could try guesses against it, so an organisation sets a `fingerprint_key` of its own.

use std::{collections::HashMap, fmt::Write as _, sync::Arc};

use crate::{
    extract::{self, Markup},
    message::{Limits, Message},
    zone::{Boilerplate, Hash, Wording},
};

/// Above so many paragraphs those that only one sender used are forgotten.
const MOST: usize = 500_000;

/// Collects paragraphs and who used them.
#[derive(Debug)]
pub struct Learner {
    wording: Wording,
    markup: Arc<Markup>,
    limits: Limits,
    hasher: Boilerplate,
    /// How many senders make a paragraph boilerplate.
    least: usize,
    seen: HashMap<Hash, Seen>,
    messages: usize,
}

/// A paragraph.
#[derive(Debug)]
struct Seen {
    /// Its senders, as hashes, as many as matter.
    senders: Vec<Hash>,
    /// The paragraph with one line more before it, where that is always the same.
    longer: Option<Hash>,
}

/// What was learned.
#[derive(Debug)]
pub struct Learned {
    /// The file.
    pub file: String,
    /// Paragraphs in it.
    pub paragraphs: usize,
    /// Messages that it was made from.
    pub messages: usize,
}

impl Learner {
    /// A learner that takes paragraphs of at least `least` senders. `key`: that of the policy which is to name the list.
    pub fn new(key: [u8; 32], least: usize) -> Learner {
        let wording = Wording::embedded();
        Learner {
            markup: wording.markup(),
            wording,
            limits: Limits::default(),
            hasher: Boilerplate::new(key, Default::default()),
            least,
            seen: HashMap::new(),
            messages: 0,
        }
    }

    /// Bytes of a message that are read.
    pub fn limit(&self) -> usize {
        self.limits.message_bytes
    }

    /// Takes one message. One without a sender says nothing about recurrence.
    pub fn add(&mut self, raw: &[u8]) {
        let message = Message::parse(raw, &self.limits);
        let Some(from) = &message.header.from else { return };
        self.messages += 1;
        let mut sender = Hash::default();
        sender.copy_from_slice(&blake3::hash(from.as_bytes()).as_bytes()[..16]);
        let extracted = extract::all(&message, &self.markup, &self.limits);
        for zoned in self.wording.mark(extracted.segments) {
            for hashes in self.hasher.candidates(&zoned) {
                let mut longer = None;
                for hash in hashes {
                    self.count(hash, sender, longer);
                    longer = Some(hash);
                }
            }
        }
        if self.seen.len() > MOST {
            self.seen.retain(|_, seen| seen.senders.len() > 1);
        }
    }

    fn count(&mut self, hash: Hash, sender: Hash, longer: Option<Hash>) {
        let seen = self.seen.entry(hash).or_insert(Seen { senders: Vec::new(), longer });
        if seen.longer != longer {
            seen.longer = None;
        }
        if seen.senders.len() < self.least && !seen.senders.contains(&sender) {
            seen.senders.push(sender);
        }
    }

    /// The list, made on `date` (`YYYY-MM-DD`).
    pub fn finish(&self, date: &str) -> Learned {
        let recurs = |hash: &Hash| self.seen.get(hash).is_some_and(|seen| seen.senders.len() >= self.least);
        let mut known: Vec<String> = self
            .seen
            .iter()
            // The end of a longer paragraph that recurs says nothing more.
            .filter(|(hash, seen)| recurs(hash) && !seen.longer.as_ref().is_some_and(recurs))
            .map(|(hash, _)| hex(hash))
            .collect();
        known.sort_unstable();
        let mut file = format!(
            "# Boilerplate: {} paragraphs that at least {} senders used, learned from {} messages on {date}\n\
             # by `presend learn boilerplate`. Keyed hashes, no text. Name this file in presend.toml: boilerplate = \"FILE\"\n\
             version = 1\ncheck = \"{}\"\nparagraphs = [\n",
            known.len(),
            self.least,
            self.messages,
            hex(&self.hasher.check()),
        );
        for hash in &known {
            let _ = writeln!(file, "  \"{hash}\",");
        }
        file.push_str("]\n");
        Learned { file, paragraphs: known.len(), messages: self.messages }
    }
}

fn hex(hash: &Hash) -> String {
    hash.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Filter,
        policy::{Context, Policy},
        verdict::{Detail, Envelope},
    };

    const FOOTER: &str = "Harbour Foods keeps its kettles polished, its ledgers balanced and its\n\
                          correspondence short; INTERNAL USE ONLY items travel by messenger.";

    fn mail(sender: usize, text: &str) -> String {
        format!(
            "From: P {sender} <p{sender}@example.com>\nTo: c@example.org\nSubject: tea\n\
             Content-Type: text/plain; charset=utf-8\n\nHello {sender},\nthe {sender} cups are here.\n\n{text}\n"
        )
    }

    fn learned(mails: &[String], least: usize) -> Learned {
        let mut learner = Learner::new(Policy::shipped().fingerprint_key, least);
        for mail in mails {
            learner.add(mail.as_bytes());
        }
        learner.finish("2027-01-31")
    }

    #[test]
    fn what_recurs_across_senders_is_learned() {
        let of = |senders: &[usize], text: &str| {
            learned(&senders.iter().map(|sender| mail(*sender, text)).collect::<Vec<_>>(), 3).paragraphs
        };
        assert_eq!(of(&[1, 2, 3], FOOTER), 1);
        assert_eq!(of(&[1, 2, 2, 1, 2], FOOTER), 0, "two senders are not three");
        assert_eq!(of(&[1, 2, 3], "INTERNAL USE ONLY"), 0, "a marking is too short to be learned");
        let quoted = format!("> {}", FOOTER.replace('\n', "\n> "));
        assert_eq!(of(&[1, 2, 3], &quoted), 0, "what is quoted is not the sender's");
        let below: Vec<String> = (1..=3).map(|n| mail(n, &format!("P {n}\nfloor {n}\n{FOOTER}"))).collect();
        assert_eq!(learned(&below, 3).paragraphs, 1, "below a name that differs");
        let file = learned(&below, 3).file;
        assert!(
            !file.contains("Harbour") && file.contains("2027-01-31") && file.contains("3 messages"),
            "{file}"
        );
    }

    #[test]
    fn what_is_learned_is_a_disclaimer() {
        let list = learned(&(1..=3).map(|n| mail(n, FOOTER)).collect::<Vec<_>>(), 3).file;
        let policy = |settings: &str| {
            let read = |_: &std::path::Path| Ok(list.clone());
            let context = Context { read: &read, today: "" };
            let text =
                format!("{settings}\n[[keywords]]\nterms = [\"messenger\"]\ncategory = \"confidential\"\n");
            Policy::load(std::path::Path::new("presend.toml"), &text, &context)
        };
        let counts = |settings: &str, text: &str| {
            let filter =
                Filter::new(policy(settings).expect("it loads"), Detail::Places).expect("it compiles");
            let verdict = filter.check(mail(9, text).as_bytes(), &Envelope::default());
            verdict.reasons.iter().any(|reason| reason.rule.id == "confidential.keywords-1")
        };
        let with = "boilerplate = \"list.toml\"";
        assert!(counts("", FOOTER));
        assert!(!counts(with, FOOTER));
        assert!(!counts(with, &FOOTER.replace(" and its\n", "\nand its ")), "wrapped otherwise");
        assert!(!counts(with, &format!("Best regards\nP\n> {}", FOOTER.replace('\n', "\n> "))), "quoted");
        assert!(counts(with, &FOOTER.replace("kettles", "cannons")), "another text");
        assert!(counts(with, "The messenger comes at nine."), "new text counts as before");
        let error =
            policy("fingerprint_key = \"another\"\nboilerplate = \"list.toml\"").expect_err("another key");
        assert!(error.to_string().contains("learn it again"), "{error}");
    }
}
