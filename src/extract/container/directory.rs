//! The names in a zip without opening it: what its directory lists, or what its members say of themselves where there is none.
//!
//! APPNOTE 4.3. Only enough is read to tell what kind of package a zip is.

use super::{name, u16_at, u32_at};

/// Names that are looked at.
const MOST: usize = 2_000;
/// Before the content of a member called `mimetype`, which says what an OpenDocument file is.
pub(in crate::extract) const MIMETYPE: &str = "mimetype\0";
/// Bytes of a directory entry and of a member's header before the name.
const ENTRY: usize = 46;
const LOCAL: usize = 30;

/// A header of a member, where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) start: usize,
    pub(super) name: String,
    pub(super) flags: usize,
    pub(super) method: usize,
    /// Bytes packed; 0 where they are said behind them.
    pub(super) packed: usize,
    pub(super) unpacked: usize,
    /// Where the content begins.
    pub(super) content: usize,
}

/// Names in a zip; of a member `mimetype` also its content.
pub(in crate::extract) fn names(bytes: &[u8]) -> Vec<String> {
    let mut names = listed(bytes).unwrap_or_default();
    if names.is_empty() {
        names.extend(locals(bytes).take(MOST).map(|local| local.name));
    }
    let first = local(bytes, 0).filter(|first| first.name == "mimetype" && first.method == 0);
    if let Some(content) =
        first.and_then(|first| bytes.get(first.content..first.content + first.packed.min(100)))
    {
        names.push(format!("{MIMETYPE}{}", String::from_utf8_lossy(content).trim()));
    }
    names
}

/// Names that the directory lists.
fn listed(bytes: &[u8]) -> Option<Vec<String>> {
    let end = memchr::memmem::rfind(bytes, b"PK\x05\x06")?;
    // Where it stands is counted from its end: something may stand before the zip.
    let mut at = end.checked_sub(u32_at(bytes, end + 12)?)?;
    let mut names = Vec::new();
    while bytes.get(at..at + 4) == Some(b"PK\x01\x02") && names.len() < MOST {
        let length = u16_at(bytes, at + 28)?;
        names.push(name(bytes.get(at + ENTRY..at + ENTRY + length)?));
        at += ENTRY + length + u16_at(bytes, at + 30)? + u16_at(bytes, at + 32)?;
    }
    Some(names)
}

/// Headers of members wherever they stand.
pub(super) fn locals(bytes: &[u8]) -> impl Iterator<Item = Local> + '_ {
    memchr::memmem::find_iter(bytes, b"PK\x03\x04").filter_map(|start| local(bytes, start))
}

/// The header of a member at `start`.
pub(super) fn local(bytes: &[u8], start: usize) -> Option<Local> {
    if bytes.get(start..start + 4)? != b"PK\x03\x04" {
        return None;
    }
    let length = u16_at(bytes, start + 26)?;
    let content = start + LOCAL + length + u16_at(bytes, start + 28)?;
    let raw = bytes.get(start + LOCAL..start + LOCAL + length)?;
    (content <= bytes.len()).then_some(())?;
    Some(Local {
        start,
        name: name(raw),
        flags: u16_at(bytes, start + 6)?,
        method: u16_at(bytes, start + 8)?,
        packed: u32_at(bytes, start + 18)?,
        unpacked: u32_at(bytes, start + 22)?,
        content,
    })
}
