//! What codes mean by themselves: `policies/bounces/codes.toml`, after RFC 3463, RFC 5248's registry and RFC 5321.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Cause, Status};
use crate::policy::Localised;

/// A registered code.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    en: String,
    zh: String,
    /// What it speaks for where no words are known.
    cause: Option<Cause>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// By `subject.detail`.
    enhanced: BTreeMap<String, Code>,
    /// By reply code.
    reply: BTreeMap<String, Code>,
}

/// Meanings of codes.
#[derive(Debug)]
pub(super) struct Codes {
    enhanced: BTreeMap<(u16, u16), (Localised, Option<Cause>)>,
    replies: BTreeMap<u16, (Localised, Option<Cause>)>,
}

impl Codes {
    pub(super) fn shipped() -> Codes {
        let file: File = toml::from_str(include_str!("../../policies/bounces/codes.toml"))
            .expect("the embedded file is tested to parse");
        let of = |code: Code| (Localised { en: code.en, zh: code.zh }, code.cause);
        let number = |text: &str| text.parse::<u16>().expect("the embedded file is tested to hold numbers");
        let pair = |text: &str| {
            let (subject, detail) = text.split_once('.').expect("the embedded file is tested to hold pairs");
            (number(subject), number(detail))
        };
        Codes {
            enhanced: file.enhanced.into_iter().map(|(key, code)| (pair(&key), of(code))).collect(),
            replies: file.reply.into_iter().map(|(key, code)| (number(&key), of(code))).collect(),
        }
    }

    fn entry(&self, status: Status) -> Option<&(Localised, Option<Cause>)> {
        // Exchange and others add details of their own; their subject still counts.
        self.enhanced
            .get(&(status.subject, status.detail))
            .or_else(|| self.enhanced.get(&(status.subject, 0)))
    }

    pub(super) fn meaning(&self, status: Status) -> Option<&Localised> {
        self.entry(status).map(|(meaning, _)| meaning)
    }

    /// What an enhanced code speaks for.
    pub(super) fn cause(&self, status: Status) -> Option<Cause> {
        self.entry(status)?.1
    }

    pub(super) fn reply(&self, code: u16) -> Option<&Localised> {
        self.replies.get(&code).map(|(meaning, _)| meaning)
    }

    /// What a reply code speaks for.
    pub(super) fn reply_cause(&self, code: u16) -> Option<Cause> {
        self.replies.get(&code)?.1
    }
}
