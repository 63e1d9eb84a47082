//! The package of an office document: a zip of parts, and the relations that tie them together (ECMA-376 part 2; OpenDocument part 2).
//!
//! Every part is read within the budget of the message; names are found whatever their case, as the programs that write them do not agree.

use std::{collections::HashMap, io::Cursor};

use zip::{ZipArchive, read::ZipReadOptions};

use super::xml::{Node, Xml, decode};
use crate::{extract::reading::Reading, message::Unread};

/// An opened package.
#[derive(Debug)]
pub(super) struct Package<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    /// Names as written, in the order of the directory.
    names: Vec<String>,
    by_name: HashMap<String, usize>,
    unread: Option<Unread>,
}

/// What a part refers to.
#[derive(Clone, Debug)]
pub(super) struct Relation {
    /// Its name within the part that refers.
    pub(super) id: String,
    /// The last word of its type: `header`, `image`.
    pub(super) kind: String,
    /// The part, or the address where it lies outside.
    pub(super) target: String,
    /// Whether it lies outside the package.
    pub(super) is_external: bool,
}

impl<'b> Package<'b> {
    /// Opens a package.
    pub(super) fn open(bytes: &'b [u8]) -> Result<Package<'b>, Unread> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unread::Broken)?;
        let (mut names, mut by_name) = (Vec::new(), HashMap::new());
        for index in 0..zip.len() {
            let Ok(entry) = zip.by_index_raw(index) else {
                names.push(String::new());
                continue;
            };
            let name = String::from_utf8_lossy(entry.name_raw()).replace('\\', "/");
            by_name.insert(name.trim_start_matches('/').to_lowercase(), index);
            names.push(name);
        }
        Ok(Package { zip, names, by_name, unread: None })
    }

    /// Names of all parts.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether it has a part of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(&name.to_lowercase())
    }

    /// Why less was read of a part than is there.
    pub(super) fn unread(&self) -> Option<Unread> {
        self.unread
    }

    /// The bytes of a part; what a damaged one gave up to the damage.
    pub(super) fn part(&mut self, name: &str, reading: &mut Reading<'_>) -> Option<Vec<u8>> {
        let index = *self.by_name.get(&name.to_lowercase())?;
        // A wrong checksum says that something changed, not that there is nothing to read.
        let options = ZipReadOptions::new().ignore_crc32(true);
        let Ok(mut entry) = self.zip.by_index_with_options(index, options) else {
            self.unread = Some(Unread::Broken);
            return None;
        };
        let packed = usize::try_from(entry.compressed_size()).unwrap_or(usize::MAX);
        let (bytes, result) = reading.unpack(&mut entry, packed);
        self.unread = result.err().or(self.unread);
        Some(bytes)
    }

    /// The text of an XML part.
    pub(super) fn xml(&mut self, name: &str, reading: &mut Reading<'_>) -> Option<String> {
        let bytes = self.part(name, reading)?;
        // UTF-8 as it mostly is needs no second copy.
        Some(match String::from_utf8(bytes) {
            Ok(text) if !text.starts_with('\u{feff}') && !is_declared_otherwise(&text) => text,
            Ok(text) => decode(text.as_bytes()).into_owned(),
            Err(error) => decode(error.as_bytes()).into_owned(),
        })
    }

    /// What a part refers to; `""` is the package itself.
    pub(super) fn relations(&mut self, part: &str, reading: &mut Reading<'_>) -> Vec<Relation> {
        let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
        let name = if folder.is_empty() {
            format!("_rels/{file}.rels")
        } else {
            format!("{folder}/_rels/{file}.rels")
        };
        let Some(text) = self.xml(&name, reading) else { return Vec::new() };
        let mut xml = Xml::new(&text);
        let mut relations = Vec::new();
        while let Some(node) = xml.next() {
            let Node::Open(element) = node else { continue };
            if element.name() != "Relationship" {
                continue;
            }
            let target = element.get("Target").unwrap_or_default();
            let is_external =
                element.get("TargetMode").is_some_and(|mode| mode.eq_ignore_ascii_case("external"));
            relations.push(Relation {
                id: element.get("Id").unwrap_or_default().into_owned(),
                kind: element
                    .get("Type")
                    .unwrap_or_default()
                    .rsplit('/')
                    .next()
                    .unwrap_or_default()
                    .to_owned(),
                target: if is_external { target.into_owned() } else { resolve(folder, &target) },
                is_external,
            });
        }
        relations
    }
}

/// Whether a declaration names another charset than UTF-8.
fn is_declared_otherwise(text: &str) -> bool {
    let head = text.split_once("?>").map_or("", |(head, _)| head);
    head.len() < 200
        && head.starts_with("<?xml")
        && head.split_once("encoding=").is_some_and(|(_, name)| {
            let name = name.trim_start_matches(['"', '\'']).to_ascii_lowercase();
            !(name.starts_with("utf-8") || name.starts_with("utf8") || name.starts_with("us-ascii"))
        })
}

/// A target as a name in the package: relative to the folder of the part that refers, or from the root.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let from_root = target.starts_with('/');
    let mut names: Vec<&str> =
        if from_root { Vec::new() } else { folder.split('/').filter(|name| !name.is_empty()).collect() };
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_relative_or_from_the_root() {
        for (folder, target, want) in [
            ("word", "header1.xml", "word/header1.xml"),
            ("ppt/slides", "../notesSlides/notesSlide1.xml", "ppt/notesSlides/notesSlide1.xml"),
            ("xl", "/xl/worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
            ("", "../../../etc/passwd", "etc/passwd"),
        ] {
            assert_eq!(resolve(folder, target), want);
        }
    }
}
