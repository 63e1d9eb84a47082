//! Values of findings: a message may hold hundreds of thousands, so they stand end to end in one buffer, and a finding only says where its own is.
//!
//! What may be shown of a value is made from the text when it is shown; here is what equal values are told by.

use std::{fmt, sync::Arc};

use super::entity::Mask;
use crate::span::Span;

/// What was found. What is private stands in [`Values`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A term, as the pack has it: public.
    Term(Arc<str>),
    /// A value of the sender's: private.
    Private(Private),
    /// Nothing of one's own.
    None,
}

/// A private value of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Private {
    /// Bytes of [`Values`]: its canonical form.
    pub(in crate::detect) canonical: Span,
    pub(in crate::detect) mask: Mask,
}

impl Private {
    /// A value as it may be shown; `original` is how the message writes it.
    pub fn masked(self, original: &str) -> String {
        self.mask.apply(original)
    }
}

/// Private values of a message in the form in which equal values are equal.
#[derive(Default)]
pub struct Values(String);

impl Values {
    /// Keeps a value.
    pub(in crate::detect) fn keep(&mut self, canonical: &str) -> Span {
        let start = self.0.len();
        self.0.push_str(canonical);
        Span::new(start, self.0.len())
    }

    /// The value kept at a span.
    pub(in crate::detect) fn at(&self, canonical: Span) -> &str {
        &self.0[canonical.start..canonical.end]
    }

    /// A private value in canonical form.
    pub fn canonical(&self, value: Private) -> &str {
        self.at(value.canonical)
    }

    /// What tells a value from others of its rule.
    pub fn identity<'v>(&'v self, value: &'v Value) -> Option<&'v str> {
        match value {
            Value::Term(term) => Some(term),
            Value::Private(private) => Some(self.canonical(*private)),
            Value::None => None,
        }
    }
}

/// Values never show themselves by accident.
impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Values({} bytes)", self.0.len())
    }
}
