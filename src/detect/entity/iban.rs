//! International bank account numbers.

use std::sync::LazyLock;

use super::{Entity, Mask, Reading, Site, Trigger, checksum};
use crate::span::Span;

/// IBAN (ISO 13616).
pub(super) const IBAN: Entity = Entity {
    name: "iban",
    trigger: Trigger::Pattern(&[r"[a-z]{2}[0-9]{2}(?:[ -]?[a-z0-9]){11,30}"]),
    examine: iban,
    mask: Mask { head: 4, tail: 4 },
    about: "Country, two check digits (MOD 97-10) and an account whose length and structure each country registers; plain or in groups of four. Checked: country, length, \
        structure, check digits; nothing else passes by chance. A company's own account in an invoice is no disclosure. Reference: ISO 13616-1, SWIFT IBAN registry 101.",
};

/// Structure of the account by country, such as `4!a14!n` written as letters: `n` digit, `a` letter, `c` either.
static STRUCTURES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    include_str!("../../../policies/data/iban.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (country, structure) = line.split_once('\t')?;
            Some((country, expand(structure)))
        })
        .collect()
});

/// `4a14n` as one letter for each character.
fn expand(structure: &str) -> String {
    let mut expanded = String::new();
    let mut count = 0;
    for c in structure.chars() {
        match c.to_digit(10) {
            Some(digit) => count = count * 10 + digit as usize,
            None => {
                expanded.extend(std::iter::repeat_n(c, count));
                count = 0;
            }
        }
    }
    expanded
}

fn iban(site: &Site<'_>) -> Option<Reading> {
    let value = site.value;
    let country = value.get(..2)?.to_ascii_uppercase();
    let structure = &STRUCTURES.iter().find(|(known, _)| *known == country)?.1;
    let canonical: String =
        value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    let fits = canonical.len() == structure.len() + 4
        && canonical[4..].bytes().zip(structure.bytes()).all(|(byte, kind)| match kind {
            b'n' => byte.is_ascii_digit(),
            b'a' => byte.is_ascii_uppercase(),
            _ => true,
        });
    if !fits || !is_grouped(value) || !checksum::mod_97(&canonical) {
        return None;
    }
    // Written as IBANs are: capitals. Small letters happen, mixed ones do not.
    let original = site.text.original(Span::new(site.span.start, site.span.start + 2));
    let bits = if original.chars().any(|c| c.is_ascii_lowercase()) { 3.0 } else { 5.0 };
    Some(Reading { canonical, bits, span: site.span })
}

/// Plain, or in groups of four with a rest.
fn is_grouped(value: &str) -> bool {
    let groups: Vec<usize> = value.split([' ', '-']).map(str::len).collect();
    match groups.as_slice() {
        [_] => true,
        [heads @ .., last] => heads.iter().all(|len| *len == 4) && (1..=4).contains(last),
        [] => false,
    }
}
