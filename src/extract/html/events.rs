//! The tokenizer's events, passed to the renderer: spans of text, and only the attributes that it reads.
//!
//! html5gum's ready-made emitter copies all text and attributes and checks every character for errors that no mail client reports; this one does neither.

use std::convert::Infallible;

use html5gum::{Emitter, Error, State, naive_next_state};

use super::render::Renderer;
use crate::span::Span;

/// Drives a renderer from the tokenizer.
pub(super) struct Events<'r, 's> {
    renderer: &'r mut Renderer<'s>,
    /// Bytes of the source that have been read.
    position: usize,
    text: Option<Span>,
    text_start: usize,
    tag: TagKind,
    /// Whether the renderer knows of the tag that is being read.
    opened: bool,
    tag_name: Vec<u8>,
    last_start_tag: Vec<u8>,
    attribute_name: Vec<u8>,
    attribute_value: Vec<u8>,
    value_start: usize,
    /// Whether the renderer wants the value that is being read; `None` until its name is complete.
    wanted: Option<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TagKind {
    None,
    Start,
    End,
}

impl<'r, 's> Events<'r, 's> {
    pub(super) fn new(renderer: &'r mut Renderer<'s>) -> Events<'r, 's> {
        Events {
            renderer,
            position: 0,
            text: None,
            text_start: 0,
            tag: TagKind::None,
            opened: false,
            tag_name: Vec::new(),
            last_start_tag: Vec::new(),
            attribute_name: Vec::new(),
            attribute_value: Vec::new(),
            value_start: 0,
            wanted: None,
        }
    }

    fn flush_text(&mut self) {
        if let Some(span) = self.text.take() {
            self.renderer.text(span);
        }
    }

    /// Tells the renderer of a start tag, before its first attribute.
    fn open(&mut self) {
        self.flush_text();
        if self.tag == TagKind::Start && !self.opened {
            self.opened = true;
            self.renderer.open_tag(&self.tag_name);
            self.last_start_tag.clone_from(&self.tag_name);
        }
    }

    /// Tells the renderer of an attribute's name, once.
    fn name_attribute(&mut self) -> bool {
        if let Some(wanted) = self.wanted {
            return wanted;
        }
        let wanted = self.tag == TagKind::Start
            && !self.attribute_name.is_empty()
            && self.renderer.attribute_name(&self.attribute_name);
        self.wanted = Some(wanted);
        wanted
    }

    fn flush_attribute(&mut self) {
        if self.attribute_name.is_empty() {
            return;
        }
        if self.name_attribute() {
            self.renderer.attribute_value(&self.attribute_value, Span::new(self.value_start, self.position));
        }
        self.attribute_name.clear();
        self.attribute_value.clear();
        self.wanted = None;
    }
}

impl Emitter for Events<'_, '_> {
    type Token = Infallible;

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start_tag.clear();
        self.last_start_tag.extend(last_start_tag.unwrap_or_default());
    }

    fn emit_eof(&mut self) {
        self.flush_text();
    }

    fn emit_error(&mut self, _: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn init_string(&mut self) {
        if self.text.is_none() {
            self.text_start = self.position;
        }
    }

    fn emit_string(&mut self, _: &[u8]) {
        self.text = Some(Span::new(self.text_start, self.position));
    }

    fn start_open_tag(&mut self) {}

    fn init_start_tag(&mut self) {
        self.tag_name.clear();
        self.tag = TagKind::Start;
        self.opened = false;
    }

    fn init_end_tag(&mut self) {
        self.tag_name.clear();
        self.tag = TagKind::End;
    }

    fn push_tag_name(&mut self, s: &[u8]) {
        self.tag_name.extend(s);
    }

    fn init_attribute(&mut self) {
        self.open();
        self.flush_attribute();
    }

    fn push_attribute_name(&mut self, s: &[u8]) {
        self.attribute_name.extend(s);
    }

    fn init_attribute_value(&mut self) {
        self.value_start = self.position;
    }

    fn push_attribute_value(&mut self, s: &[u8]) {
        if self.name_attribute() {
            self.attribute_value.extend(s);
        }
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.open();
        self.flush_attribute();
        match self.tag {
            TagKind::Start => self.renderer.start_tag(),
            TagKind::End => {
                self.last_start_tag.clear();
                self.renderer.close_tag(&self.tag_name);
            }
            TagKind::None => {}
        }
        let next_state = naive_next_state(&self.last_start_tag);
        if next_state.is_some() {
            self.init_string();
        }
        next_state
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.tag == TagKind::End && !self.last_start_tag.is_empty() && self.last_start_tag == self.tag_name
    }

    fn set_self_closing(&mut self) {}

    fn init_comment(&mut self) {
        self.flush_text();
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn emit_current_comment(&mut self) {}

    fn init_doctype(&mut self) {
        self.flush_text();
    }

    fn set_force_quirks(&mut self) {}

    fn push_doctype_name(&mut self, _: &[u8]) {}

    fn set_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn set_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_public_identifier(&mut self, _: &[u8]) {}

    fn push_doctype_system_identifier(&mut self, _: &[u8]) {}

    fn emit_current_doctype(&mut self) {}
}
