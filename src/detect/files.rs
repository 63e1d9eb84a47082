//! Checks of attached files, and of files within them: what they are, and what was noted when they were read.
//!
//! A check has a name and is a line here; what it says is in `policies/structure/attachment.toml`.

use super::{Finding, Location, structure::plain};
use crate::{
    extract::{Family, File, Note, Noted},
    policy::{Kind, Rule},
    zone::Zone,
};

/// What a check looks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum FileCheck {
    /// A program or disk image that is attached, by content or by the ending of its name.
    Attached,
    /// One within an archive.
    Within,
    /// A note.
    Noted(Note),
}

/// Every check by its name in packs.
pub(super) const CHECKS: &[(&str, FileCheck)] = &[
    ("attachment-name", FileCheck::Attached),
    ("program-within", FileCheck::Within),
    ("misnamed-file", FileCheck::Noted(Note::Misnamed)),
    ("path-trick", FileCheck::Noted(Note::PathTrick)),
    ("duplicate-member", FileCheck::Noted(Note::Duplicate)),
    ("hidden-member", FileCheck::Noted(Note::TwoViews)),
    ("password-sent", FileCheck::Noted(Note::PasswordSent)),
    ("lost-digits", FileCheck::Noted(Note::LostDigits)),
];

/// The check of this name.
pub(super) fn find(name: &str) -> Option<FileCheck> {
    CHECKS.iter().find(|(known, _)| *known == name).map(|(_, check)| *check)
}

/// Runs a check of the rule of this index.
pub(super) fn run(
    (rule, content): (usize, &Rule),
    check: FileCheck,
    (files, notes): (&[File], &[Noted]),
    findings: &mut Vec<Finding>,
) {
    let at = |part: &str, place: &[String]| Finding {
        location: Location::Part { number: part.to_owned(), place: place.to_vec() },
        zone: Zone::Filename,
        ..plain(rule)
    };
    if let FileCheck::Noted(note) = check {
        let noted = notes.iter().filter(|noted| noted.note == note);
        findings.extend(noted.map(|noted| at(&noted.part, &noted.place)));
        return;
    }
    let Kind::Structure { values, .. } = &content.kind else { return };
    let is_within = matches!(check, FileCheck::Within);
    for file in files.iter().filter(|file| (file.depth > 0) == is_within) {
        let ending = file.ending().unwrap_or_default();
        if values.contains(&ending) || matches!(file.format.family, Family::Program | Family::Disk) {
            findings.push(at(&file.part, &file.place));
        }
    }
}
