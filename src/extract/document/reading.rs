//! interim
use crate::extract::Cell;
use std::collections::HashMap;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Body,
    Hidden,
    Property,
    Marked,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Broken,
    Encrypted,
    OverLimit,
    Image,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    LostDigits,
}
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) kind: Kind,
    pub(super) place: Vec<String>,
    pub(super) cells: Vec<Cell>,
    pub(super) heads: HashMap<(u32, u32), usize>,
    pub(super) paragraphs: Vec<(usize, u32)>,
    pub(super) sheet: Option<String>,
}
#[derive(Debug)]
pub(super) struct Reading<'l> {
    pub(super) pieces: Vec<Piece>,
    pub(super) members: Vec<(String, Vec<u8>)>,
    pub(super) notes: Vec<(Note, Vec<String>)>,
    pub(super) unread: Vec<(Vec<String>, Unread)>,
    bytes_left: usize,
    text_left: usize,
    of: std::marker::PhantomData<&'l ()>,
}
impl Reading<'_> {
    pub(super) fn new() -> Self {
        Reading {
            pieces: vec![],
            members: vec![],
            notes: vec![],
            unread: vec![],
            bytes_left: 256 << 20,
            text_left: 64 << 20,
            of: std::marker::PhantomData,
        }
    }
    pub(super) fn bytes_left(&self) -> usize {
        self.bytes_left
    }
    pub(super) fn text_left(&self) -> usize {
        self.text_left
    }
    pub(super) fn spend(&mut self, bytes: usize) {
        self.bytes_left = self.bytes_left.saturating_sub(bytes);
    }
    pub(super) fn piece(&mut self, piece: Piece) {
        self.text_left = self.text_left.saturating_sub(piece.text.len());
        self.pieces.push(piece);
    }
    pub(super) fn extend(&mut self, pieces: impl IntoIterator<Item = Option<Piece>>) {
        for piece in pieces.into_iter().flatten() {
            self.piece(piece);
        }
    }
    pub(super) fn member(&mut self, name: &str, bytes: Vec<u8>) {
        self.members.push((name.to_owned(), bytes));
    }
    pub(super) fn note(&mut self, note: Note, place: &[&str]) {
        self.notes.push((note, place.iter().map(|&one| one.to_owned()).collect()));
    }
    pub(super) fn unread(&mut self, place: &[&str], why: Unread) {
        self.unread.push((place.iter().map(|&one| one.to_owned()).collect(), why));
    }
    pub(super) fn over_limit(&mut self) {
        self.unread.push((vec![], Unread::OverLimit));
    }
}
