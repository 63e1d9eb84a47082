//! The list of boilerplate that a policy names: what `presend learn boilerplate` wrote, checked against the policy's key.

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::{Context, Document, Policy};
use crate::{
    error::Error,
    zone::{Boilerplate, Hash},
};

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: Spanned<u32>,
    check: Spanned<String>,
    paragraphs: Vec<Spanned<String>>,
}

/// What to do about a file that is not as `presend learn` writes it.
const AGAIN: &str = "learn it again: presend learn boilerplate PATH... --policy presend.toml -o FILE";

impl Policy {
    /// Loads the list that `document` names.
    pub(super) fn load_boilerplate(
        &mut self,
        name: &Spanned<String>,
        document: &Document,
        context: &Context<'_>,
    ) -> Result<(), Error> {
        let path = Path::new(&document.name).parent().unwrap_or(Path::new("")).join(name.get_ref());
        let text = (context.read)(&path).map_err(|error| {
            document.error_at(name.span().start, &error.to_string(), "the path is relative to this file")
        })?;
        let list = Document::new(&path.display().to_string(), &text);
        let file: File = list.parse()?;
        if *file.version.get_ref() != 1 {
            return Err(list.error_at(file.version.span().start, "a list of another version", AGAIN).into());
        }
        let mut known = std::collections::HashSet::new();
        for paragraph in &file.paragraphs {
            let Some(hash) = hash(paragraph.get_ref()) else {
                let problem = "an entry that is no hash of 32 hexadecimal digits";
                return Err(list.error_at(paragraph.span().start, problem, AGAIN).into());
            };
            known.insert(hash);
        }
        let boilerplate = Boilerplate::new(self.fingerprint_key, known);
        if hash(file.check.get_ref()) != Some(boilerplate.check()) {
            let problem = "the list was made with another `fingerprint_key`";
            return Err(list.error_at(file.check.span().start, problem, AGAIN).into());
        }
        self.boilerplate = boilerplate;
        Ok(())
    }
}

/// Reads 32 hexadecimal digits.
fn hash(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 2 * hash.len() || !text.is_ascii() {
        return None;
    }
    for (at, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(hash)
}
