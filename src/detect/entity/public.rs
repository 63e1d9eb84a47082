//! Numbers that are public: of goods, parcels, securities, companies, and of nothing in particular. They explain digits away.

use super::{Entity, Mask, Reading, Site, Trigger, checksum, label};
use crate::span::Span;

/// Nothing of a public number need be hidden.
const OPEN: Mask = Mask { head: 40, tail: 40 };

/// ISBN of a book.
pub(super) const ISBN: Entity = Entity {
    name: "isbn",
    trigger: Trigger::Pattern(&[
        r"97[89][ -]?[0-9](?:[ -]?[0-9]){8}[ -]?[0-9]",
        r"[0-9](?:[ -]?[0-9]){8}[ -]?[0-9x]",
    ]),
    examine: |site| {
        site.number(|digits| match digits.len() {
            13 => ean_check(digits).then_some(2.5),
            _ => {
                let (body, check) = digits.split_at(9);
                let check = if check == "X" { 10 } else { check.parse().ok()? };
                let sum = checksum::weighted(body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) + check;
                // Ten digits are much else too; only with the word before them are they a book.
                sum.is_multiple_of(11).then_some(0.4)
            }
        })
    },
    mask: OPEN,
    about: "Thirteen digits from 978 or 979 with the check digit of EAN, or ten with one of MOD 11. Reference: ISO 2108.",
};

/// Weights 1 and 3 from the right to a multiple of ten.
fn ean_check(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .zip([1, 3].into_iter().cycle())
        .map(|(byte, weight)| u32::from(byte - b'0') * weight)
        .sum();
    sum.is_multiple_of(10)
}

/// EAN, UPC and GTIN of goods.
pub(super) const EAN: Entity = Entity {
    name: "ean",
    trigger: Trigger::Pattern(&[r"[0-9]{8}", r"[0-9]{12,14}", r"[0-9] [0-9]{6} [0-9]{6}"]),
    examine: |site| site.number(|digits| ean_check(digits).then_some(1.0)),
    mask: OPEN,
    about: "8, 12, 13 or 14 digits with weights 1 and 3 to a multiple of ten; one random number in ten passes, so it needs a keyword. Reference: GS1 General Specifications.",
};

/// ISSN of a journal.
pub(super) const ISSN: Entity = Entity {
    name: "issn",
    trigger: Trigger::Pattern(&[r"[0-9]{4}-[0-9]{3}[0-9x]"]),
    examine: |site| {
        site.number(|digits| {
            let (body, check) = digits.split_at(7);
            let check = if check == "X" { 10 } else { check.parse().ok()? };
            (checksum::weighted(body, &[8, 7, 6, 5, 4, 3, 2]) + check).is_multiple_of(11).then_some(1.0)
        })
    },
    mask: OPEN,
    about: "Eight digits, 4-4, the last a check character (MOD 11). One random number in eleven passes, so it needs a keyword. Reference: ISO 3297.",
};

/// Legal entity identifier.
pub(super) const LEI: Entity = Entity {
    name: "lei",
    trigger: Trigger::Pattern(&[r"[0-9a-z]{18}[0-9]{2}"]),
    examine: |site| {
        let number = site.value.to_ascii_uppercase();
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        // The check digits stand at the end, where an IBAN has them behind the country.
        let is_checked = digits < 20 && checksum::mod_97(&format!("{}{}", &number[16..], &number[..16]));
        is_checked.then_some(Reading { canonical: number, bits: 2.0, span: site.span })
    },
    mask: OPEN,
    about: "Twenty capitals and digits, the last two check digits (MOD 97-10). Public. Reference: ISO 17442.",
};

/// Securities identification number.
pub(super) const ISIN: Entity = Entity {
    name: "isin",
    trigger: Trigger::Pattern(&[r"[a-z]{2}[a-z0-9]{9}[0-9]"]),
    examine: |site| {
        let number = site.value.to_ascii_uppercase();
        let digits: String =
            number.chars().filter_map(|c| c.to_digit(36)).map(|value| value.to_string()).collect();
        let is_known =
            is_country(&number[..2]) || matches!(&number[..2], "XS" | "EU" | "XA" | "XB" | "XC" | "XD");
        (is_known && checksum::luhn(&digits)).then_some(Reading {
            canonical: number,
            bits: 1.4,
            span: site.span,
        })
    },
    mask: OPEN,
    about: "Country, nine capitals or digits, a Luhn check digit over letters as 10 to 35. Public. Reference: ISO 6166.",
};

/// Whether two capitals are a country (ISO 3166-1, and XK).
fn is_country(code: &str) -> bool {
    include_str!("../../../policies/data/countries.tsv")
        .lines()
        .any(|line| !line.starts_with('#') && line == code)
}

/// Business identifier code of a bank.
pub(super) const BIC: Entity = Entity {
    name: "bic",
    trigger: Trigger::Literal(|| {
        ["swift", "bic", "swift/bic", "swift code", "bic code"].map(str::to_owned).to_vec()
    }),
    examine: bic,
    mask: OPEN,
    about: "Four letters, country, two letters or digits, and three more for a branch, in capitals. No check digit, and half of all words of eight letters have the form, so it is read only directly \
        behind SWIFT or BIC. Public. Reference: ISO 9362.",
};

fn bic(site: &Site<'_>) -> Option<Reading> {
    let (at, rest) = site.labelled(&["address", "bank"])?;
    let len = label::run(rest, |byte| byte.is_ascii_alphanumeric());
    let span = Span::new(at, at + len);
    let value = rest[..len].to_ascii_uppercase();
    let is_written = site.written(span).chars().all(|c| !c.is_ascii_lowercase());
    let is_bic = matches!(len, 8 | 11)
        && value[..4].bytes().all(|byte| byte.is_ascii_alphabetic())
        && is_country(&value[4..6])
        && is_written;
    is_bic.then_some(Reading { canonical: value, bits: 0.5, span })
}

/// Tracking number of UPS.
pub(super) const UPS: Entity = Entity {
    name: "ups-tracking",
    trigger: Trigger::Pattern(&[r"1z[0-9a-z]{6}[0-9]{10}"]),
    examine: |site| {
        let number = site.value.to_ascii_uppercase();
        // Letters count from A = 2 on, round and round (UPS, check digit calculation).
        let value = |byte: u8| match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            _ => (u32::from(byte - b'A') + 2) % 10,
        };
        let sum: u32 = number[2..17]
            .bytes()
            .zip([1, 2].into_iter().cycle())
            .map(|(byte, weight)| value(byte) * weight)
            .sum();
        let is_checked = (10 - sum % 10) % 10 == checksum::number_at(&number, 17, 18)?;
        is_checked.then_some(Reading { canonical: number, bits: 3.0, span: site.span })
    },
    mask: OPEN,
    about: "1Z, six characters of the shipper and ten digits, the last a check digit. Reference: UPS.",
};

/// UUID.
pub(super) const UUID: Entity = Entity {
    name: "uuid",
    trigger: Trigger::Pattern(&[r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"]),
    examine: |site: &Site<'_>| Some(Reading { canonical: site.value.to_owned(), bits: 4.0, span: site.span }),
    mask: OPEN,
    about: "32 hexadecimal digits, 8-4-4-4-12. Says nothing. Reference: RFC 9562.",
};
