//! Attached files in, [`Segment`]s out: what a file is, who reads it, what that may cost, and what is in it, however deep.
//!
//! A [`Reader`] knows a format and gives [`Piece`]s of text, members and what it could not read to a [`Reading`]; depth, budgets and places are kept here,
//! so that no reader can exceed them. Pieces have no way back to the raw bytes: their place says where they stand.

use std::{
    borrow::Cow,
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use super::{
    Cell, Kind, Markup, Origin, Segment, Spots,
    budget::Budget,
    container, document,
    format::{self, Family, Format},
    reading::Reading,
    textual,
};
use crate::{
    message::{BufferId, Limits, NotInspected, Unread},
    span::SpanMap,
};

/// Text out of a file.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// The text; cells of a row stand between tabs, rows and paragraphs between line ends.
    pub(super) text: String,
    /// What it is in the file.
    pub(super) kind: PieceKind,
    /// Where it stands below the name of the file, in words for a person: `page 3`, `slide 4`, `notes`.
    pub(super) place: Vec<String>,
    /// Table cells in text order.
    pub(super) cells: Vec<Cell>,
    /// Index in `cells` of the head of a column, by table and column.
    pub(super) heads: HashMap<(u32, u32), usize>,
    /// Where numbered paragraphs start, with their number.
    pub(super) paragraphs: Vec<(usize, u32)>,
    /// The sheet that all cells are of; cells are then called `Sheet1!C14`. Empty: `C14`.
    pub(super) sheet: Option<String>,
    /// Whether its lines are lines of the file, by which a place is named.
    pub(super) is_lined: bool,
}

/// What a piece of text is in its file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum PieceKind {
    /// What a reader of the file sees.
    #[default]
    Body,
    /// What the file holds and does not show: hidden sheets, tracked deletions, comments.
    Hidden,
    /// Properties of the file, labels.
    Property,
    /// Headers, footers, watermarks: where markings stand.
    Marked,
}

/// Reads one format.
pub(super) struct Reader {
    /// Whether it knows the file.
    pub(super) knows: fn(&Head<'_>) -> bool,
    /// Reads it. Pieces that were given before an error stay.
    pub(super) read: fn(&[u8], &mut Reading<'_>) -> Result<(), Unread>,
}

/// What is known of a file before it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'h> {
    /// All its bytes.
    pub(super) bytes: &'h [u8],
    /// What it was found to be.
    pub(super) format: &'static Format,
}

/// Every reader; the first that knows a file reads it.
const READERS: &[&[Reader]] = &[container::READERS, document::READERS, textual::READERS, container::LAST];

/// A file: attached, or within one that is.
#[derive(Clone, Debug)]
pub struct File {
    /// IMAP number of the part that it is, or is in.
    pub part: String,
    /// Its name within the files and messages that it is in.
    pub place: Vec<String>,
    /// What it is.
    pub format: &'static Format,
    /// Bytes of it.
    pub bytes: usize,
    /// Index of the file that it is in.
    pub parent: Option<usize>,
    /// Its number among the members of that file, from 1.
    pub number: usize,
    /// Files that it is in.
    pub depth: usize,
    /// Whether it is encrypted; what follows from it has been read with a password of the message.
    pub is_encrypted: bool,
    /// Why it was not read, where it was not.
    pub unread: Option<Unread>,
}

impl File {
    /// What follows the last dot of its name, in lower case.
    pub fn ending(&self) -> Option<String> {
        format::ending(self.place.last()?)
    }
}

/// Something about a file that is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// Its name says that it is something else.
    Misnamed,
    /// The names in the archive lead out of it.
    PathTrick,
    /// Two members have one name.
    Duplicate,
    /// The directory of the archive hides members, or says something else of them than they do.
    TwoViews,
    /// The password that opens it stands in the message.
    PasswordSent,
    /// Long numbers of a spreadsheet lost digits.
    LostDigits,
}

/// Notes of a message; more say nothing new.
const MOST_NOTES: usize = 500;

/// A note with its file.
#[derive(Clone, Debug)]
pub struct Noted {
    /// What.
    pub note: Note,
    /// IMAP part number.
    pub part: String,
    /// Names of the files, and the place in the innermost.
    pub place: Vec<String>,
}

/// What is known of a file by what carries it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Carried<'c> {
    /// Its name; empty where it has none.
    pub(super) name: &'c str,
    /// Its declared media type; empty where none is.
    pub(super) media_type: &'c str,
    /// IMAP number of the part.
    pub(super) part: &'c str,
    /// What it stands in, without its own name.
    pub(super) place: &'c [String],
    /// Index of the file that it is in.
    pub(super) parent: Option<usize>,
    /// Its number in that file.
    pub(super) number: usize,
}

/// The reading of all files of a message.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) budget: Budget,
    pub(super) markup: Arc<Markup>,
    /// Passwords that stand in the message.
    pub(super) passwords: Vec<String>,
    pub(super) files: Vec<File>,
    pub(super) notes: Vec<Noted>,
    pub(super) segments: Vec<Segment<'static>>,
    pub(super) not_inspected: Vec<NotInspected>,
    /// Members are kept here and not read: how a reader is tested alone.
    #[cfg(test)]
    pub(super) kept: Option<Vec<(String, Vec<u8>)>>,
}

impl Work {
    pub(super) fn new(limits: &Limits, markup: Arc<Markup>) -> Work {
        Work {
            budget: Budget::new(limits),
            markup,
            passwords: Vec::new(),
            files: Vec::new(),
            notes: Vec::new(),
            segments: Vec::new(),
            not_inspected: Vec::new(),
            #[cfg(test)]
            kept: None,
        }
    }

    /// Notes a file and finds out what it is; its index.
    pub(super) fn file(&mut self, carried: &Carried<'_>, bytes: &[u8]) -> usize {
        let detected = format::detect(bytes, carried.name, carried.media_type);
        let name = if carried.name.is_empty() { "unnamed part" } else { carried.name };
        let depth = carried.parent.map_or(0, |parent| self.files[parent].depth + 1);
        self.files.push(File {
            part: carried.part.to_owned(),
            place: super::with(carried.place, name),
            format: detected.format,
            bytes: bytes.len(),
            parent: carried.parent,
            number: carried.number,
            depth,
            is_encrypted: false,
            unread: None,
        });
        let file = self.files.len() - 1;
        if detected.is_misnamed {
            self.note(Note::Misnamed, file, &[]);
        }
        file
    }

    /// Reads a file that carries bytes.
    pub(super) fn open(&mut self, carried: &Carried<'_>, bytes: &[u8]) {
        let file = self.file(carried, bytes);
        self.read(file, bytes);
    }

    /// Reads a file that was noted.
    pub(super) fn read(&mut self, file: usize, bytes: &[u8]) {
        let head = Head { bytes, format: self.files[file].format };
        let mut readers = READERS.iter().flat_map(|readers| readers.iter());
        let result = match readers.find(|reader| (reader.knows)(&head)) {
            _ if bytes.is_empty() => Ok(()),
            None if head.format.family == Family::Signature => Ok(()),
            None => Err(head.format.family.unread()),
            Some(_) if self.files[file].depth > self.budget.limits.file_depth => Err(Unread::OverLimit),
            Some(reader) => {
                let mut reading = Reading::new(self, file);
                // A decoder that gives up in the middle must not take the message with it.
                let result = catch_unwind(AssertUnwindSafe(|| (reader.read)(bytes, &mut reading)));
                reading.flush();
                result.unwrap_or(Err(Unread::Broken))
            }
        };
        if let Err(reason) = result {
            self.unread(file, &[], reason);
        }
    }

    pub(super) fn note(&mut self, note: Note, file: usize, place: &[&str]) {
        let of = &self.files[file];
        let place: Vec<String> =
            of.place.iter().cloned().chain(place.iter().map(|&name| name.to_owned())).collect();
        let is_known = |noted: &Noted| noted.note == note && noted.place == place;
        if self.notes.len() < MOST_NOTES && !self.notes.iter().any(is_known) {
            self.notes.push(Noted { note, part: of.part.clone(), place });
        }
    }

    /// Lists a file, or a place in it, as not read.
    pub(super) fn unread(&mut self, file: usize, place: &[&str], reason: Unread) {
        let of = &mut self.files[file];
        let before = of.unread;
        if place.is_empty() {
            of.unread = Some(reason);
            of.is_encrypted |= reason == Unread::Encrypted;
        }
        let unread = NotInspected {
            part: of.part.clone(),
            place: of.place.iter().cloned().chain(place.iter().map(|&name| name.to_owned())).collect(),
            reason,
            what: format!("{}, {}", of.format.media_type, super::human_size(of.bytes)),
        };
        // A file is listed once, with what was found out last: that it was cut goes before that the rest is of no known type.
        let listed =
            self.not_inspected.iter().rposition(|other| before.is_some() && other.place == unread.place);
        match listed {
            Some(index) if place.is_empty() => self.not_inspected[index] = unread,
            _ => self.not_inspected.push(unread),
        }
    }

    /// Adds a segment of a file.
    pub(super) fn segment(&mut self, file: usize, piece: Piece) {
        let of = &self.files[file];
        let place = of.place.iter().cloned().chain(piece.place).collect();
        let spots = match (piece.is_lined, piece.paragraphs.is_empty()) {
            (true, _) => Spots::Lines,
            (false, true) => Spots::None,
            (false, false) => Spots::Paragraphs(piece.paragraphs),
        };
        let offset = self.segments.iter().rev().find(|other| other.origin.file == Some(file));
        let offset = offset.map_or(0, |other| other.origin.offset + other.text.len());
        self.segments.push(Segment {
            kind: match piece.kind {
                PieceKind::Body => Kind::Attached,
                PieceKind::Hidden => Kind::AttachedHidden,
                PieceKind::Property => Kind::Property,
                PieceKind::Marked => Kind::Marked,
            },
            part: "",
            place,
            map: SpanMap::shifted(0, piece.text.len()),
            text: Cow::Owned(piece.text),
            under: None,
            buffer: BufferId::NONE,
            cells: piece.cells,
            heads: piece.heads,
            quoted: Vec::new(),
            signature: Vec::new(),
            origin: Origin { file: Some(file), offset, spots, sheet: piece.sheet },
        });
    }

    /// Adds the name of a file as text.
    pub(super) fn name(&mut self, file: usize, name: &str) {
        self.segments.push(Segment {
            kind: Kind::FileName,
            part: "",
            place: self.files[file].place.clone(),
            map: SpanMap::shifted(0, name.len()),
            text: Cow::Owned(name.to_owned()),
            under: None,
            buffer: BufferId::NONE,
            cells: Vec::new(),
            heads: HashMap::new(),
            quoted: Vec::new(),
            signature: Vec::new(),
            origin: Origin { file: Some(file), ..Origin::default() },
        });
    }
}
