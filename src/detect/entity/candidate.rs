//! Values that were found and are to be weighed: what is known of each, in a few words of memory, and how many of each form failed their check.

use std::sync::Arc;

use crate::{
    detect::{Clue, Evasion, Private, Values},
    span::Span,
};

/// What was found in a message, and how much was not.
#[derive(Default)]
pub(in crate::detect) struct Candidates<'w> {
    pub(in crate::detect) list: Vec<Candidate<'w>>,
    pub(in crate::detect) values: Values,
    pub(in crate::detect) failed: Failed,
    /// Rules that a word of the text at hand, or of the subject, names the values of.
    pub(super) named: Vec<bool>,
}

/// How many values of a rule's form failed its check.
#[derive(Default)]
pub(in crate::detect) struct Failed(Vec<usize>);

impl Failed {
    pub(super) fn count(&mut self, rule: usize) {
        if self.0.len() <= rule {
            self.0.resize(rule + 1, 0);
        }
        self.0[rule] += 1;
    }

    /// The number for a rule.
    pub(in crate::detect) fn of(&self, rule: usize) -> usize {
        self.0.get(rule).copied().unwrap_or(0)
    }
}

/// A value that was found, and the evidence for it. There may be millions, so it owns nothing and is weighed where it stands.
#[derive(Clone, Copy)]
pub(in crate::detect) struct Candidate<'w> {
    rule: u32,
    text: u32,
    pub(in crate::detect) span: Span,
    pub(in crate::detect) value: Private,
    /// What format and checksum are worth.
    pub(in crate::detect) bits: f64,
    /// How it is disguised, where that is known already.
    pub(in crate::detect) evasion: Option<Evasion>,
    /// Whether only the disguise made it a value.
    pub(in crate::detect) is_disguised: bool,
    /// Whether nothing else stands in its disguise.
    pub(in crate::detect) is_whole: bool,
    /// Whether it may be another number, grouped otherwise, unless a label stands before it.
    pub(in crate::detect) needs_label: bool,
    /// What a word around it is to it, and the word as the pack has it.
    clue: Option<Clue>,
    word: Option<&'w Arc<str>>,
    /// Whether it is one of a list.
    pub(in crate::detect) is_listed: bool,
}

impl<'w> Candidate<'w> {
    /// Nothing speaks for or against it yet.
    pub(super) fn new(rule: usize, text: usize, span: Span, value: Private) -> Candidate<'w> {
        Candidate {
            rule: u32::try_from(rule).expect("a policy has fewer rules"),
            text: u32::try_from(text).expect("a message has fewer texts"),
            span,
            value,
            bits: 0.0,
            evasion: None,
            is_disguised: false,
            is_whole: false,
            needs_label: false,
            clue: None,
            word: None,
            is_listed: false,
        }
    }

    pub(in crate::detect) fn rule(&self) -> usize {
        self.rule as usize
    }

    pub(in crate::detect) fn text(&self) -> usize {
        self.text as usize
    }

    /// What the words around it say.
    pub(in crate::detect) fn context(&self) -> Option<(Clue, &'w Arc<str>)> {
        self.clue.zip(self.word)
    }

    pub(in crate::detect) fn set_context(&mut self, context: Option<(Clue, &'w Arc<str>)>) {
        (self.clue, self.word) = context.unzip();
    }

    /// Whether a word speaks for it.
    pub(in crate::detect) fn is_named(&self) -> bool {
        self.clue.is_some_and(Clue::is_for)
    }
}
