//! What an auditor reads of a message: TOML in `policies/auditors/`, or an organisation's own.
//!
//! It changes nothing that presend reads. It says of each finding and file whether the auditor's rule comes to see it; see [`crate::verdict`].

use std::{path::Path, sync::Arc};

use serde::Deserialize;

use super::{Context, Document, Localised, nearest};
use crate::error::{Error, PolicyError};

/// An auditor.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auditor {
    /// Its name in policies: `alimail`.
    pub id: String,
    /// Its name for a person.
    pub title: Localised,
    /// Which archives it opens; all where nothing is said.
    pub archives: Option<Archives>,
    /// Files that it reads by their format.
    #[serde(default)]
    pub files: Vec<Files>,
    /// How it reads files of any other format; whole where nothing is said.
    pub other: Option<Other>,
    /// What its rule reads besides.
    pub rule: Reads,
    /// What a person who looks at the mail sees.
    pub reviewer: Reviewer,
}

/// Archives that are opened.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archives {
    /// Formats by their ids in `policies/data/formats.tsv`.
    pub formats: Vec<String>,
    /// Bytes of an archive, at most.
    pub max_bytes: usize,
    /// Archives within archives, the outermost counted.
    pub depth: usize,
    /// Members of an archive that are read.
    pub members: usize,
}

/// Files of some formats.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Formats by their ids.
    pub formats: Vec<String>,
    /// Files of this size and more are not read.
    pub below_bytes: Option<usize>,
}

/// Files of any other format.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// Files of this size and more are not read.
    pub below_bytes: Option<usize>,
    /// Bytes of text that are read of each.
    pub text_bytes: Option<usize>,
}

/// What a rule reads besides files by themselves.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reads {
    /// Text in pictures.
    pub pictures: bool,
    /// Files in documents and in attached messages.
    pub embedded: bool,
}

/// What a person sees.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewer {
    /// What a file holds and does not show.
    pub hidden: bool,
}

/// Auditors that ship with presend: file and text.
const SHIPPED: &[(&str, &str)] = &[
    ("policies/auditors/thorough.toml", include_str!("../../policies/auditors/thorough.toml")),
    ("policies/auditors/alimail.toml", include_str!("../../policies/auditors/alimail.toml")),
];

impl Auditor {
    /// Every auditor that ships with presend, the default first.
    pub fn shipped() -> Vec<Arc<Auditor>> {
        let parse = |(name, text): &(&str, &str)| {
            Arc::new(Document::new(name, text).parse().expect("tested to parse"))
        };
        SHIPPED.iter().map(parse).collect()
    }

    /// The auditor that reads everything.
    pub(super) fn thorough() -> Arc<Auditor> {
        Auditor::shipped().swap_remove(0)
    }

    /// The auditor of this name, or of this file where it ends in `.toml`. A mistake is one of `document` at `at`.
    pub(super) fn named(
        name: &str,
        document: &Document,
        at: usize,
        context: &Context<'_>,
    ) -> Result<Arc<Auditor>, Error> {
        if name.ends_with(".toml") {
            let path = Path::new(&document.name).parent().unwrap_or(Path::new("")).join(name);
            let text = (context.read)(&path)?;
            return Ok(Document::new(&path.display().to_string(), &text).parse::<Auditor>().map(Arc::new)?);
        }
        Auditor::find(name).map_err(|remedy| {
            document.error_at(at, &format!("no auditor is called `{name}`"), &remedy).into()
        })
    }

    /// The shipped auditor of this name; else what to write in its place.
    pub fn find(name: &str) -> Result<Arc<Auditor>, String> {
        let shipped = Auditor::shipped();
        let ids = || shipped.iter().map(|auditor| auditor.id.as_str());
        if let Some(found) = shipped.iter().find(|auditor| auditor.id == name) {
            return Ok(Arc::clone(found));
        }
        Err(match nearest(name, ids()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("use one of {}, or a file that ends in .toml", ids().collect::<Vec<_>>().join(", "))
            }
        })
    }

    /// The limits of files of this format; `None` where it is none of [`Auditor::files`].
    pub fn of_format(&self, format: &str) -> Option<&Files> {
        self.files.iter().find(|files| files.formats.iter().any(|known| known == format))
    }
}

/// An error where an auditor of a command line does not exist.
pub(super) fn unknown(name: &str, remedy: &str) -> PolicyError {
    Document::new("--auditor", "").error(&format!("no auditor is called `{name}`"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_auditors_parse_and_are_found() {
        let ids: Vec<String> = Auditor::shipped().iter().map(|auditor| auditor.id.clone()).collect();
        assert_eq!(ids, ["thorough", "alimail"]);
        assert_eq!(Auditor::thorough().id, "thorough");
        assert_eq!(Auditor::find("alimial").expect_err("misspelt"), "did you mean `alimail`?");
    }
}
