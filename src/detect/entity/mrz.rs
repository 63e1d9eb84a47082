//! Travel documents: passport numbers of any country behind the word for one, and the machine-readable zone (ICAO Doc 9303) of passports, visas and cards.
//!
//! Each form of the zone is met by its line of dates, which begins with digits or a document number; the line before it is read with it.

use super::{
    Entity, Mask, Reading, Site, Trigger, is_filler,
    label::{ends, run},
};
use crate::span::Span;

/// Passport number of any country.
pub(super) const PASSPORT: Entity = Entity {
    name: "passport",
    trigger: Trigger::Literal(|| {
        [
            "passport",
            "passport no",
            "passport number",
            "passport id",
            "reisepass",
            "reisepassnummer",
            "passeport",
            "pasaporte",
            "passaporto",
            "passaporte",
            "paszport",
            "paspoort",
            "паспорт",
            "护照",
            "护照号",
            "护照号码",
            "パスポート",
            "여권",
        ]
        .map(str::to_owned)
        .to_vec()
    }),
    examine: |site| {
        let (at, rest) = site.labelled(&[
            "holder", "details", "nummer", "numéro", "numero", "número", "copy", "ending", "with",
        ])?;
        let len = run(rest, |byte| byte.is_ascii_alphanumeric());
        let value = &rest[..len];
        let letters = run(value, |byte| byte.is_ascii_alphabetic());
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        let is_form = letters <= 3
            && (6..=9).contains(&digits)
            && (7..=10).contains(&len)
            && len - letters - digits <= 1;
        // Plain digits that begin with a year are a date.
        let is_date = letters == 0 && len == 8 && (value.starts_with("19") || value.starts_with("20"));
        let is_value = is_form && !is_date && ends(rest, len) && !is_filler(&value[letters..]);
        is_value.then(|| Reading {
            canonical: value.to_ascii_uppercase(),
            bits: -0.6,
            span: Span::new(at, at + len),
        })
    },
    mask: Mask { head: 2, tail: 2 },
    about: "Up to three letters and six to nine digits directly behind `passport` or its like; no check digit outside the machine-readable zone. Countries with a form of their own have an entity \
        of their own, which comes first. Mistaken for it: numbers of applications. Reference: ICAO Doc 9303-4.",
};

/// Machine-readable zone.
pub(super) const MRZ: Entity = Entity {
    name: "mrz",
    trigger: Trigger::Pattern(&[
        // TD3 and visas, TD2: number, nationality, birth, sex, expiry, rest.
        r"[a-z0-9<]{9}[0-9][a-z<]{3}[0-9]{7}[mfx<][0-9]{7}[a-z0-9<]{14}[0-9<][0-9<]",
        r"[a-z0-9<]{9}[0-9][a-z<]{3}[0-9]{7}[mfx<][0-9]{7}[a-z0-9<]{7}[0-9<]",
        // TD1, second line: birth, sex, expiry, nationality, rest.
        r"[0-9]{7}[mfx<][0-9]{7}[a-z<]{3}[a-z0-9<]{11}[0-9]",
    ]),
    examine: mrz,
    mask: Mask { head: 0, tail: 0 },
    about: "Lines of 44, 36 or 30 capitals, digits and `<`, with a check digit (weights 7-3-1) for the number, the date of birth, the date of expiry and, but for visas, all of them. Nothing \
        else passes. Holds name, number, date of birth and nationality. Reference: ICAO Doc 9303 parts 3 to 7.",
};

fn mrz(site: &Site<'_>) -> Option<Reading> {
    let line = site.value;
    let before = &site.text.folded[..site.span.start];
    let above = before.trim_end_matches([' ', '\n']).rsplit(['\n', ' ']).next().unwrap_or("");
    let above = if above.is_ascii() { above } else { "" };
    let valid = match line.len() {
        44 => {
            // A visa has no check digit over all.
            let is_visa = above.len() == 44 && above.starts_with('v');
            checks(line, &[0..10, 13..20, 21..28])
                && (is_visa || is_checked(&[&line[..10], &line[13..20], &line[21..43]], &line[43..]))
        }
        36 => {
            let is_visa = above.len() == 36 && above.starts_with('v');
            checks(line, &[0..10, 13..20, 21..28])
                && (is_visa || is_checked(&[&line[..10], &line[13..20], &line[21..35]], &line[35..]))
        }
        30 if above.len() == 30 => {
            checks(line, &[0..7, 8..15])
                && is_checked(&[&above[5..30], &line[..7], &line[8..15], &line[18..29]], &line[29..])
        }
        _ => false,
    };
    if !valid {
        return None;
    }
    let is_first = above.len() == line.len() && above.bytes().all(is_part);
    let start =
        if is_first { before.trim_end_matches([' ', '\n']).len() - above.len() } else { site.span.start };
    let span = Span::new(start, site.span.end);
    // The last line of a TD1 holds the name.
    let below = site.text.folded[span.end..].strip_prefix(['\n', ' ']);
    let name =
        below.and_then(|below| below.get(..30)).filter(|name| line.len() == 30 && name.bytes().all(is_part));
    let span = if name.is_some() { Span::new(span.start, span.end + 31) } else { span };
    Some(Reading { canonical: line.to_ascii_uppercase(), bits: 5.0, span })
}

fn is_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'<'
}

/// Whether each range of the line ends in its check digit.
fn checks(line: &str, ranges: &[std::ops::Range<usize>]) -> bool {
    ranges
        .iter()
        .all(|range| is_checked(&[&line[range.start..range.end - 1]], &line[range.end - 1..range.end]))
}

/// Whether `check` is the check digit of the fields: weights 7-3-1, letters from 10, `<` for 0 (Doc 9303-3 4.9).
fn is_checked(fields: &[&str], check: &str) -> bool {
    let sum: u32 = fields
        .iter()
        .flat_map(|field| field.bytes())
        .zip([7, 3, 1].into_iter().cycle())
        .map(|(byte, weight)| {
            weight
                * match byte {
                    b'0'..=b'9' => u32::from(byte - b'0'),
                    b'a'..=b'z' => u32::from(byte - b'a') + 10,
                    _ => 0,
                }
        })
        .sum();
    check.bytes().next().is_some_and(|byte| match byte {
        b'<' => sum.is_multiple_of(10),
        _ => sum % 10 == u32::from(byte.wrapping_sub(b'0')),
    })
}
