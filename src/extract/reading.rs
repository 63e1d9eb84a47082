//! What a reader of files works with: it takes pieces, members, notes and what could not be read, and says what may still be spent.
//!
//! A member is read at once, after the pieces before it, and need not outlive the call.

use std::{io::Read, sync::Arc};

use super::{
    Markup,
    attached::{Carried, Note, Piece, Work},
    format::{self, Family},
};
use crate::message::Unread;

/// The reading of one file.
#[derive(Debug)]
pub(super) struct Reading<'r> {
    work: &'r mut Work,
    file: usize,
    /// Members so far.
    members: usize,
    /// Pieces that were taken and stand in no segment yet.
    pub(super) pieces: Vec<Piece>,
}

impl<'r> Reading<'r> {
    pub(super) fn new(work: &'r mut Work, file: usize) -> Reading<'r> {
        Reading { work, file, members: 0, pieces: Vec::new() }
    }

    /// The name of the file, without what it is in.
    pub(super) fn name(&self) -> &str {
        self.work.files[self.file].place.last().map_or("", String::as_str)
    }

    /// The id of its format.
    pub(super) fn format(&self) -> &'static str {
        self.work.files[self.file].format.id
    }

    /// How mail clients mark quotes and signatures.
    pub(super) fn markup(&self) -> Arc<Markup> {
        Arc::clone(&self.work.markup)
    }

    /// Takes a piece of text.
    pub(super) fn piece(&mut self, piece: Piece) {
        let most = self.work.budget.text_left();
        if piece.text.trim().is_empty() {
            return;
        }
        if piece.text.len() > most {
            let place: Vec<&str> = piece.place.iter().map(String::as_str).collect();
            self.work.unread(self.file, &place, Unread::OverLimit);
        }
        let piece = piece.cut(most);
        self.work.budget.spend_text(piece.text.len());
        if !piece.text.is_empty() {
            self.pieces.push(piece);
        }
    }

    /// Takes the pieces that are there.
    pub(super) fn extend(&mut self, pieces: impl IntoIterator<Item = Option<Piece>>) {
        for piece in pieces.into_iter().flatten() {
            self.piece(piece);
        }
    }

    /// Takes a member and reads it.
    #[allow(clippy::needless_pass_by_value, reason = "a member is unpacked for this call, and freed by it")]
    pub(super) fn member(&mut self, name: &str, bytes: Vec<u8>) {
        if let Some(file) = self.start_member(name, &bytes) {
            self.work.read(file, &bytes);
        }
    }

    /// Takes a member that could not be read, or not whole; what there is of it is read.
    #[allow(clippy::needless_pass_by_value, reason = "a member is unpacked for this call, and freed by it")]
    pub(super) fn broken_member(&mut self, name: &str, bytes: Vec<u8>, reason: Unread) {
        if let Some(file) = self.start_member(name, &bytes) {
            self.work.read(file, &bytes);
            self.work.unread(file, &[], reason);
        }
    }

    /// Lists a member that cannot be opened; its name is read.
    pub(super) fn closed_member(&mut self, name: &str, size: u64, reason: Unread) {
        if let Some(file) = self.start_member(name, &[]) {
            self.work.files[file].bytes = usize::try_from(size).unwrap_or(usize::MAX);
            self.work.unread(file, &[], reason);
        }
    }

    fn start_member(&mut self, name: &str, bytes: &[u8]) -> Option<usize> {
        #[cfg(test)]
        if let Some(kept) = &mut self.work.kept {
            kept.push((name.to_owned(), bytes.to_vec()));
            return None;
        }
        self.flush();
        self.members += 1;
        if !self.work.budget.take_member() {
            // Once is enough to say it.
            if self.work.files[self.file].unread.is_none() {
                self.work.unread(self.file, &[], Unread::OverLimit);
            }
            return None;
        }
        let of = &self.work.files[self.file];
        let (part, place) = (of.part.clone(), of.place.clone());
        let carried = Carried {
            name,
            part: &part,
            place: &place,
            parent: Some(self.file),
            number: self.members,
            media_type: "",
        };
        let file = self.work.file(&carried, bytes);
        self.work.name(file, name);
        Some(file)
    }

    /// Notes something about the file, or a place in it.
    pub(super) fn note(&mut self, note: Note, place: &[&str]) {
        self.work.note(note, self.file, place);
    }

    /// Lists a place in the file as not read.
    pub(super) fn unread(&mut self, place: &[&str], reason: Unread) {
        self.work.unread(self.file, place, reason);
    }

    /// Lists the rest of the file as beyond the limits.
    pub(super) fn over_limit(&mut self) {
        self.work.unread(self.file, &[], Unread::OverLimit);
    }

    /// Bytes that may still be unpacked, at once.
    pub(super) fn bytes_left(&self) -> usize {
        self.work.budget.bytes_left()
    }

    /// Bytes of text that may still be read, at once.
    pub(super) fn text_left(&self) -> usize {
        self.work.budget.text_left()
    }

    /// Counts bytes that were unpacked.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.work.budget.spend(bytes);
    }

    /// Whether nothing more may be read of the message: neither bytes nor time are left.
    pub(super) fn is_spent(&self) -> bool {
        self.work.budget.bytes_left() == 0
    }

    /// Reads what a decoder gives, which was packed in `packed` bytes: all, or what came before an error or a limit, and which.
    pub(super) fn unpack(&mut self, from: &mut dyn Read, packed: usize) -> (Vec<u8>, Result<(), Unread>) {
        self.work.budget.unpack(from, packed)
    }

    /// Passwords that stand in the message, likeliest first.
    pub(super) fn passwords(&self) -> Vec<String> {
        self.work.passwords.clone()
    }

    /// Notes that the file is encrypted and was opened with a password of the message.
    pub(super) fn opened_with_password(&mut self) {
        self.work.files[self.file].is_encrypted = true;
        self.note(Note::PasswordSent, &[]);
    }

    /// Reads what the file is once its encryption is undone.
    pub(super) fn inner(&mut self, bytes: &[u8]) -> Result<(), Unread> {
        self.flush();
        let format = format::detect(bytes, "", "").format;
        // What is encrypted once more is no document.
        if format.family == Family::Encrypted {
            return Err(Unread::Encrypted);
        }
        self.spend(bytes.len());
        let file = &mut self.work.files[self.file];
        file.format = format;
        self.work.read(self.file, bytes);
        Ok(())
    }

    /// Reads a message that the file is.
    pub(super) fn message(&mut self, bytes: &[u8]) {
        self.flush();
        self.work.message(self.file, bytes);
    }

    /// Makes segments of the pieces so far.
    pub(super) fn flush(&mut self) {
        for piece in std::mem::take(&mut self.pieces) {
            self.work.segment(self.file, piece);
        }
    }
}

impl Piece {
    /// The piece up to `most` bytes of its text.
    fn cut(mut self, most: usize) -> Piece {
        if self.text.len() > most {
            let end = crate::span::floor_boundary(&self.text, most);
            self.text.truncate(end);
            let cells = self.cells.partition_point(|cell| cell.span.start < end);
            self.cells.truncate(cells);
            for cell in &mut self.cells {
                cell.span.end = cell.span.end.min(end);
            }
            self.heads.retain(|_, index| *index < cells);
            self.paragraphs.retain(|(at, _)| *at < end);
        }
        self
    }
}
