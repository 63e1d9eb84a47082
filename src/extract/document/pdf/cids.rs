//! Glyph numbers of the Chinese, Japanese and Korean collections of Adobe, as characters: what a font means that is not in the file and has no map.
//!
//! The tables are data in `policies/data/cids/`; each is unpacked when the first font asks for it.

use std::sync::LazyLock;

/// A collection of glyphs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collection {
    /// Simplified Chinese.
    Gb1,
    /// Traditional Chinese.
    Cns1,
    /// Japanese.
    Japan1,
    /// Korean.
    Korea1,
}

static TABLES: [LazyLock<Vec<char>>; 4] = [
    LazyLock::new(|| unpack(include_str!("../../../../policies/data/cids/GB1.txt"))),
    LazyLock::new(|| unpack(include_str!("../../../../policies/data/cids/CNS1.txt"))),
    LazyLock::new(|| unpack(include_str!("../../../../policies/data/cids/Japan1.txt"))),
    LazyLock::new(|| unpack(include_str!("../../../../policies/data/cids/Korea1.txt"))),
];

impl Collection {
    /// The collection of this ordering; the fonts of a file's own have `Identity`.
    pub(super) fn named(ordering: &[u8]) -> Option<Collection> {
        Some(match ordering {
            b"GB1" => Collection::Gb1,
            b"CNS1" => Collection::Cns1,
            b"Japan1" => Collection::Japan1,
            b"Korea1" => Collection::Korea1,
            _ => return None,
        })
    }

    /// The character of a glyph.
    pub(super) fn text(self, glyph: u32) -> Option<String> {
        let table = &TABLES[self as usize];
        let c = *table.get(glyph as usize)?;
        (c != char::REPLACEMENT_CHARACTER).then(|| c.to_string())
    }
}

/// All characters of a table but the lines that begin as comments.
fn unpack(table: &str) -> Vec<char> {
    let mut lines = table.lines();
    let from = lines.by_ref().take_while(|line| line.starts_with("# ")).count();
    table.lines().skip(from).flat_map(str::chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glyphs_of_collections_are_characters() {
        for (ordering, glyph, want) in [
            (b"GB1".as_slice(), 1, " "),
            (b"GB1", 34, "A"),
            (b"GB1", 4559, "中"),
            (b"CNS1", 661, "中"),
            (b"Japan1", 3284, "日"),
            (b"Korea1", 1086, "가"),
        ] {
            let collection = Collection::named(ordering).expect("a collection");
            assert_eq!(collection.text(glyph).as_deref(), Some(want), "{glyph}");
        }
        assert_eq!(Collection::Gb1.text(0), None);
        assert_eq!(Collection::Gb1.text(u32::MAX), None);
    }
}
