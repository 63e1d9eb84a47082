//! A font of a PDF: how the codes of a string are cut, what they mean, how far each moves on. ISO 32000-2, 9.6 to 9.10.
//!
//! Meaning is taken from the map that the file brings, else from the font's encoding: glyph names, or a CMap that every reader knows. A code that
//! has none is counted, so that a page of such codes is not taken for an empty one.

use std::collections::HashMap;

use lopdf::{Dictionary, Document, Encoding, Object, dictionary};

use super::{
    cids,
    cmap::{Known, ToUnicode, code},
};

/// Bytes that a map of a font may have.
const MOST_OF_MAP: usize = 4 << 20;

/// Glyphs whose widths ranges may set.
const MOST_WIDTHS: usize = 1 << 17;

/// Widths of `' '..='~'` in fonts that every reader has, in thousandths: sans, bold sans, serif, bold serif.
const WIDTHS: [[u16; 95]; 4] = [
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556,
        556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778,
        722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278,
        278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
        556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ],
    [
        278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556,
        556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778,
        722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333,
        278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
        611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
    ],
    [
        250, 333, 408, 500, 500, 833, 778, 180, 333, 333, 500, 564, 250, 333, 250, 278, 500, 500, 500, 500,
        500, 500, 500, 500, 500, 500, 278, 278, 564, 564, 564, 444, 921, 722, 667, 667, 722, 611, 556, 722,
        722, 333, 389, 722, 611, 889, 722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611, 333,
        278, 333, 469, 500, 333, 444, 500, 444, 500, 444, 333, 500, 500, 278, 278, 500, 278, 778, 500, 500,
        500, 500, 333, 389, 278, 500, 500, 722, 500, 500, 444, 480, 200, 480, 541,
    ],
    [
        250, 333, 555, 500, 500, 1000, 833, 278, 333, 333, 500, 570, 250, 333, 250, 278, 500, 500, 500, 500,
        500, 500, 500, 500, 500, 500, 333, 333, 570, 570, 570, 500, 930, 722, 667, 722, 722, 667, 611, 778,
        778, 389, 500, 778, 667, 944, 722, 778, 611, 778, 722, 556, 667, 722, 722, 1000, 722, 722, 667, 333,
        278, 333, 581, 500, 333, 500, 556, 444, 556, 444, 333, 500, 556, 278, 333, 556, 278, 833, 556, 500,
        556, 556, 444, 389, 333, 556, 500, 722, 500, 500, 444, 394, 220, 394, 520,
    ],
];

/// A font made ready.
#[derive(Debug, Default)]
pub(super) struct Font {
    to_unicode: ToUnicode,
    /// What single bytes mean, in a simple font.
    simple: Vec<Option<String>>,
    known: Option<Known>,
    /// The collection that glyphs are numbered in.
    collection: Option<cids::Collection>,
    widths: HashMap<u32, f32>,
    default_width: f32,
    is_composite: bool,
    is_vertical: bool,
}

/// One code of a string.
#[derive(Debug)]
pub(super) struct Glyph {
    /// What it means; `None`: nobody knows.
    pub(super) text: Option<String>,
    /// How far it moves on, in ems.
    pub(super) width: f32,
    /// Whether it is the one byte 32, to which word spacing applies.
    pub(super) is_space: bool,
}

impl Font {
    /// Reads the font of this dictionary.
    pub(super) fn read(font: &Dictionary, document: &Document) -> Font {
        let mut made = Font { default_width: 0.5, ..Font::default() };
        if let Ok(stream) = font.get_deref(b"ToUnicode", document).and_then(Object::as_stream)
            && let Ok(content) = stream.get_plain_content_with_limit(MOST_OF_MAP)
        {
            made.to_unicode = ToUnicode::parse(&content);
        }
        if font.get_deref(b"Subtype", document).and_then(Object::as_name).is_ok_and(|kind| kind == b"Type0") {
            made.composite(font, document);
        } else {
            made.simple(font, document);
        }
        made
    }

    /// Whether its lines run down.
    pub(super) fn is_vertical(&self) -> bool {
        self.is_vertical
    }

    /// Cuts a string into its codes.
    pub(super) fn glyphs(&self, mut bytes: &[u8], mut each: impl FnMut(Glyph)) {
        while !bytes.is_empty() {
            let len = self.code_len(bytes).clamp(1, bytes.len());
            let (one, rest) = bytes.split_at(len);
            bytes = rest;
            let number = code(one);
            let text = match self.to_unicode.get(number) {
                Some(text) if !text.is_empty() && text != "\0" => Some(text.to_owned()),
                _ => self.meaning(one),
            };
            let width = self.widths.get(&number).copied().unwrap_or(self.default_width);
            each(Glyph { text, width, is_space: one == b" " });
        }
    }

    fn code_len(&self, bytes: &[u8]) -> usize {
        if !self.is_composite {
            return 1;
        }
        match self.known {
            Some(known) => known.code_len(bytes),
            None => self.to_unicode.code_len(bytes).unwrap_or(2),
        }
    }

    fn meaning(&self, bytes: &[u8]) -> Option<String> {
        if !self.is_composite {
            return self.simple.get(usize::from(bytes[0])).cloned().flatten();
        }
        match (self.known, self.collection) {
            (Some(Known::Identity) | None, Some(collection)) => collection.text(code(bytes)),
            (Some(known), _) => known.text(bytes),
            (None, None) => None,
        }
    }

    fn composite(&mut self, font: &Dictionary, document: &Document) {
        self.is_composite = true;
        self.default_width = 1.0;
        match font.get_deref(b"Encoding", document) {
            Ok(Object::Name(name)) => {
                self.known = Known::named(name);
                self.is_vertical = name.ends_with(b"-V") || name == b"V";
            }
            Ok(Object::Stream(stream)) => {
                // A map of the file's own, mostly made of one that is known.
                let based = stream.dict.get(b"UseCMap").and_then(Object::as_name).ok();
                let named = stream.dict.get(b"CMapName").and_then(Object::as_name).ok();
                self.known = based.and_then(Known::named).or_else(|| named.and_then(Known::named));
            }
            _ => {}
        }
        let descendants = font.get_deref(b"DescendantFonts", document).and_then(Object::as_array);
        let descendant = descendants.ok().and_then(|fonts| fonts.first());
        let descendant = descendant
            .and_then(|font| document.dereference(font).ok())
            .and_then(|(_, font)| font.as_dict().ok());
        let Some(descendant) = descendant else { return };
        let info = descendant.get_deref(b"CIDSystemInfo", document).and_then(Object::as_dict).ok();
        let ordering =
            info.and_then(|info| info.get_deref(b"Ordering", document).and_then(Object::as_str).ok());
        self.collection = ordering.and_then(cids::Collection::named);
        // Widths are by glyph; only here are glyphs and codes the same.
        if self.known == Some(Known::Identity) {
            if let Ok(width) = descendant.get_deref(b"DW", document).and_then(Object::as_float) {
                self.default_width = width / 1000.0;
            }
            if let Ok(widths) = descendant.get_deref(b"W", document).and_then(Object::as_array) {
                self.composite_widths(widths, document);
            }
        }
    }

    fn composite_widths(&mut self, widths: &[Object], document: &Document) {
        let object = |at: usize| {
            widths.get(at).and_then(|object| document.dereference(object).ok()).map(|(_, object)| object)
        };
        let number = |at: usize| object(at).and_then(|object| object.as_float().ok());
        let (mut at, mut set) = (0, 0);
        while let Some(first) = number(at) {
            let first = first as u32;
            if let Some(Object::Array(list)) = object(at + 1) {
                for (index, width) in list.iter().enumerate() {
                    if let Ok(width) = width.as_float() {
                        self.widths.insert(first.saturating_add(index as u32), width / 1000.0);
                    }
                }
                at += 2;
            } else {
                let (Some(last), Some(width)) = (number(at + 1), number(at + 2)) else { return };
                set += (last - first as f32).max(0.0) as usize;
                if set > MOST_WIDTHS {
                    return;
                }
                // A glyph has two bytes.
                for code in first..=(last as u32).min(0xffff) {
                    self.widths.insert(code, width / 1000.0);
                }
                at += 3;
            }
        }
    }

    fn simple(&mut self, font: &Dictionary, document: &Document) {
        let name = font.get_deref(b"BaseFont", document).and_then(Object::as_name).unwrap_or_default();
        let name = String::from_utf8_lossy(name).to_lowercase();
        let is_true_type = font
            .get_deref(b"Subtype", document)
            .and_then(Object::as_name)
            .is_ok_and(|kind| kind == b"TrueType");
        let usual: &[u8] = if is_true_type { b"WinAnsiEncoding" } else { b"StandardEncoding" };
        let encoding = font.get_deref(b"Encoding", document).ok();
        let (base, differences) = match encoding {
            Some(Object::Name(base)) => (base.as_slice(), None),
            Some(Object::Dictionary(own)) => (
                own.get_deref(b"BaseEncoding", document).and_then(Object::as_name).unwrap_or(usual),
                own.get_deref(b"Differences", document).and_then(Object::as_array).ok(),
            ),
            _ => (usual, None),
        };
        self.simple = base_encoding(base).or_else(|| base_encoding(usual)).unwrap_or_default();
        self.simple.resize(256, None);
        let mut at = 0_usize;
        for object in differences.into_iter().flatten() {
            match object {
                Object::Integer(code) => at = usize::try_from(*code).unwrap_or(256),
                Object::Name(glyph) => {
                    if let Some(place) = self.simple.get_mut(at) {
                        *place = glyph_text(glyph);
                    }
                    at += 1;
                }
                _ => {}
            }
        }
        self.simple_widths(font, &name, document);
    }

    fn simple_widths(&mut self, font: &Dictionary, name: &str, document: &Document) {
        let number = |key: &[u8]| font.get_deref(key, document).and_then(Object::as_float).ok();
        if let Ok(widths) = font.get_deref(b"Widths", document).and_then(Object::as_array) {
            let first = number(b"FirstChar").unwrap_or(0.0) as u32;
            // Widths of a Type 3 font are in its own units.
            let matrix = font.get_deref(b"FontMatrix", document).and_then(Object::as_array).ok();
            let unit = matrix
                .and_then(|matrix| matrix.first())
                .and_then(|unit| unit.as_float().ok())
                .unwrap_or(0.001);
            for (index, width) in widths.iter().take(256).enumerate() {
                if let Ok((_, width)) = document.dereference(width)
                    && let Ok(width) = width.as_float()
                {
                    self.widths.insert(first.saturating_add(index as u32), width * unit);
                }
            }
            return;
        }
        let is_bold = name.contains("bold");
        let of = match name {
            _ if name.contains("courier") || name.contains("mono") => {
                self.default_width = 0.6;
                return;
            }
            _ if name.contains("times") || name.contains("serif") => 2,
            _ => 0,
        } + usize::from(is_bold);
        self.widths.extend((32..).zip(WIDTHS[of].iter().map(|width| f32::from(*width) / 1000.0)));
    }
}

/// What the 256 codes of a named encoding mean.
fn base_encoding(name: &[u8]) -> Option<Vec<Option<String>>> {
    if !matches!(
        name,
        b"WinAnsiEncoding"
            | b"MacRomanEncoding"
            | b"StandardEncoding"
            | b"MacExpertEncoding"
            | b"PDFDocEncoding"
    ) {
        return None;
    }
    let document = Document::new();
    let font = dictionary! { "Type" => "Font", "Encoding" => Object::Name(name.to_vec()) };
    let encoding = font.get_font_encoding(&document).ok()?;
    let text = |byte: u8| encoding.bytes_to_string(&[byte]).ok().filter(|text| !text.is_empty());
    Some((0..=255).map(text).collect())
}

/// What a glyph of this name means: by the Adobe Glyph List, or as `uni4E2D` and `u20BB7` say.
fn glyph_text(name: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    if let Some(digits) =
        name.strip_prefix("uni").filter(|digits| digits.len() >= 4 && digits.len().is_multiple_of(4))
    {
        let chars = digits.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).ok().and_then(hex));
        if let Some(text) = chars.collect::<Option<String>>() {
            return Some(text);
        }
    }
    if let Some(c) = name.strip_prefix('u').filter(|digits| (4..=6).contains(&digits.len())).and_then(hex) {
        return Some(c.to_string());
    }
    if name.contains('_') {
        return name.split('_').map(|part| glyph_text(part.as_bytes())).collect();
    }
    let document = Document::new();
    let encoding = dictionary! {
        "Type" => "Encoding",
        "Differences" => vec![0.into(), Object::Name(name.as_bytes().to_vec())],
    };
    let font = dictionary! { "Type" => "Font", "Encoding" => encoding };
    match font.get_font_encoding(&document) {
        Ok(Encoding::Differences(differences)) => {
            let unit = differences.map.get(&0)?.utf16_code_unit();
            char::from_u32(u32::from(unit)).map(String::from)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyph_names_are_text() {
        for (name, want) in [
            ("A", Some("A")),
            ("uni4E2D", Some("中")),
            ("fi", Some("ﬁ")),
            ("f_i", Some("fi")),
            ("eacute.sc", Some("é")),
            ("g12", None),
        ] {
            assert_eq!(glyph_text(name.as_bytes()).as_deref(), want, "{name}");
        }
    }

    #[test]
    fn encodings_of_single_bytes() {
        let windows = base_encoding(b"WinAnsiEncoding").expect("known");
        assert_eq!(windows[0x41].as_deref(), Some("A"));
        assert_eq!(windows[0x80].as_deref(), Some("€"));
        assert!(base_encoding(b"Other").is_none());
    }
}
