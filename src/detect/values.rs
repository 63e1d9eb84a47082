//! Values of findings: a message may hold hundreds of thousands, so they stand end to end in one buffer, and a finding only says where its own is.
//!
//! What may be shown of a value is made from the text when it is shown; here is what equal values are told by.

use std::{fmt, sync::Arc};

use super::entity::Mask;

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
    /// Where its canonical form begins in [`Values`], and how long it is, bytes.
    start: usize,
    len: u32,
    mask: Mask,
}

impl Private {
    /// What comes first was found first, of readings of the same bytes.
    pub(in crate::detect) fn order(self) -> usize {
        self.start
    }

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
    pub(in crate::detect) fn keep(&mut self, canonical: &str, mask: Mask) -> Private {
        // Several rules read the same digits.
        if !self.0.ends_with(canonical) {
            self.0.push_str(canonical);
        }
        let len = u32::try_from(canonical.len()).expect("a message is far shorter than 4 GB");
        Private { start: self.0.len() - canonical.len(), len, mask }
    }

    /// Keeps an address of the envelope.
    pub(crate) fn keep_address(&mut self, address: &str) -> Private {
        self.keep(address, Mask::ADDRESS)
    }

    /// A private value in canonical form.
    pub fn canonical(&self, value: Private) -> &str {
        &self.0[value.start..value.start + value.len as usize]
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
