//! Who comes to see a finding: the auditor's rule, only a person who is asked to approve the mail, or nobody.
//!
//! The files that something is in are facts of [`crate::extract`]; what the auditor reads of them is its profile, data of the policy.

use crate::{
    extract::{Family, File, Kind},
    message::Unread,
    policy::Auditor,
};

/// Who comes to see something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// The auditor's rule.
    Rule,
    /// Only a person who looks at the mail.
    Reviewer,
    /// Nobody.
    Nobody,
}

impl Sight {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Sight::Rule => "rule",
            Sight::Reviewer => "reviewer",
            Sight::Nobody => "nobody",
        }
    }
}

/// A file that is attached, or in one that is, and who comes to see what is in it.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// IMAP part number.
    pub part: String,
    /// Names for a person, its own last.
    pub place: Vec<String>,
    /// Id of its format: `xlsx`.
    pub format: &'static str,
    /// Its size.
    pub bytes: usize,
    /// Whether presend read it.
    pub is_read: bool,
    /// Who sees it: its beginning, where only that is read.
    pub seen: Sight,
}

/// What is asked about: a text of a file, and where in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// Index of the file; `None`: the message itself.
    pub(super) file: Option<usize>,
    pub(super) kind: Kind,
    /// Where it ends, in bytes of the text of the file.
    pub(super) end: usize,
}

/// An auditor before the files of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'v> {
    pub(super) auditor: &'v Auditor,
    pub(super) files: &'v [File],
}

impl View<'_> {
    /// Who sees a place in a text.
    pub(super) fn text(&self, asked: Asked) -> Sight {
        let Some(index) = asked.file else { return Sight::Rule };
        let by_rule = match asked.kind {
            // The name of what is attached is read whatever it is; a name within an archive where the archive is.
            Kind::FileName => match self.files[index].parent {
                None => true,
                Some(parent) => self.opens(parent) && self.is_among(index),
            },
            _ => self.reads(index, asked.end),
        };
        let is_shown =
            !matches!(asked.kind, Kind::AttachedHidden | Kind::Property | Kind::Hidden | Kind::Links);
        match by_rule {
            true => Sight::Rule,
            false if is_shown || self.auditor.reviewer.hidden => Sight::Reviewer,
            false => Sight::Nobody,
        }
    }

    /// Who sees what is in a file.
    pub(super) fn file(&self, index: usize) -> Sight {
        let file = &self.files[index];
        match file.unread {
            None if self.reads(index, 0) => Sight::Rule,
            Some(Unread::Image | Unread::ImageOnly) if self.auditor.rule.pictures && self.reads(index, 0) => {
                Sight::Rule
            }
            Some(Unread::Encrypted | Unread::Broken) => Sight::Nobody,
            _ => Sight::Reviewer,
        }
    }

    /// Files of the message with who sees them.
    pub(super) fn attachments(&self) -> Vec<Attachment> {
        let of = |(index, file): (usize, &File)| Attachment {
            part: file.part.clone(),
            place: file.place.clone(),
            format: file.format.id,
            bytes: file.bytes,
            is_read: file.unread.is_none(),
            seen: self.file(index),
        };
        self.files.iter().enumerate().map(of).collect()
    }

    /// Whether the rule reads a file up to a byte of its text.
    fn reads(&self, index: usize, end: usize) -> bool {
        let file = &self.files[index];
        if !self.reaches(index) || file.is_encrypted {
            return false;
        }
        let below = |limit: Option<usize>| limit.is_none_or(|limit| file.bytes < limit);
        if let Some(class) = self.auditor.of_format(file.format.id) {
            return below(class.below_bytes);
        }
        if file.format.family == Family::Archive {
            return self.opens(index);
        }
        self.auditor
            .other
            .as_ref()
            .is_none_or(|other| below(other.below_bytes) && other.text_bytes.is_none_or(|limit| end <= limit))
    }

    /// Whether the rule comes to a file, within whatever it is.
    fn reaches(&self, index: usize) -> bool {
        match self.files[index].parent {
            None => true,
            Some(parent) if self.files[parent].format.family == Family::Archive => {
                self.opens(parent) && self.is_among(index)
            }
            Some(parent) => self.auditor.rule.embedded && self.reads(parent, 0),
        }
    }

    /// Whether the rule opens an archive.
    fn opens(&self, index: usize) -> bool {
        let file = &self.files[index];
        if !self.reaches(index) || file.is_encrypted {
            return false;
        }
        self.auditor.archives.as_ref().is_none_or(|archives| {
            archives.formats.iter().any(|format| format == file.format.id)
                && file.bytes <= archives.max_bytes
                && self.level(index) <= archives.depth
        })
    }

    /// Whether a member is among those that are read of its archive.
    fn is_among(&self, index: usize) -> bool {
        let is_archive = |parent: usize| self.files[parent].format.family == Family::Archive;
        !self.files[index].parent.is_some_and(is_archive)
            || self
                .auditor
                .archives
                .as_ref()
                .is_none_or(|archives| self.files[index].number <= archives.members)
    }

    /// How many archives deep an archive is, itself counted; a compressed tar is one.
    fn level(&self, index: usize) -> usize {
        let (mut level, mut at) = (0, Some(index));
        while let Some(index) = at {
            let file = &self.files[index];
            let parent = file.parent.map(|parent| self.files[parent].format.id);
            let is_inside =
                file.format.id == "tar" && matches!(parent, Some("gz" | "bz2" | "xz" | "lzma" | "zst"));
            level += usize::from(file.format.family == Family::Archive && !is_inside);
            at = file.parent;
        }
        level
    }
}
