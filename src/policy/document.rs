//! A TOML text with its name, so that every mistake in it can name its place.

use serde::de::DeserializeOwned;

use crate::error::PolicyError;

/// A policy text and what its file is called.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file as the user named it.
    pub name: String,
    pub(super) text: String,
}

impl Document {
    /// A document of the given name and text.
    pub fn new(name: &str, text: &str) -> Document {
        Document { name: name.to_owned(), text: text.to_owned() }
    }

    /// Parses the text; wrong TOML, unknown keys and wrong types name their line.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, PolicyError> {
        toml::from_str(&self.text).map_err(|error| {
            let message = error.message().trim().replace('\n', " ");
            match error.span() {
                Some(span) => self.error_at(span.start, &message, remedy(&message)),
                None => self.error(&message, remedy(&message)),
            }
        })
    }

    /// An error at a byte of the text.
    pub fn error_at(&self, at: usize, problem: &str, remedy: &str) -> PolicyError {
        let before = &self.text[..crate::span::floor_boundary(&self.text, at)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let (line, column) = (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1);
        PolicyError { line, column, ..self.error(problem, remedy) }
    }

    /// An error of the document as a whole.
    pub fn error(&self, problem: &str, remedy: &str) -> PolicyError {
        let (problem, remedy) = (problem.to_owned(), remedy.to_owned());
        PolicyError { file: self.name.clone(), line: 0, column: 0, problem, remedy }
    }
}

/// What to do about a message of the TOML reader.
fn remedy(message: &str) -> &'static str {
    if message.starts_with("unknown field") {
        "correct the name or remove the key; `presend policy schema` lists every key"
    } else if message.starts_with("unknown variant") {
        "use one of the listed values"
    } else if message.starts_with("missing field") {
        "add the key; `presend policy schema` lists every key"
    } else if message.starts_with("invalid type") || message.starts_with("invalid value") {
        "write a value of that type; `presend policy init` prints an example"
    } else {
        "correct the TOML here; texts stand in \"quotes\", lists in [brackets]"
    }
}
