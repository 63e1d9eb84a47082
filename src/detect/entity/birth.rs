//! Dates of birth: a date in any common form, where a word says that it is one.

use super::{Entity, Mask, Reading, Site, Trigger, checksum};
use crate::span::Span;

/// Date of birth.
pub(super) const DATE_OF_BIRTH: Entity = Entity {
    name: "date-of-birth",
    trigger: Trigger::Pattern(&[
        // 1990-03-07, 07/03/1990, 7.3.90
        r"(?:19|20)[0-9]{2}[./ -][0-9]{1,2}[./ -][0-9]{1,2}",
        r"[0-9]{1,2}[./ -][0-9]{1,2}[./ -](?:19|20)[0-9]{2}",
        r"[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}",
        r"(?:19|20)[0-9]{6}",
        // 1990年3月7日
        r"(?:19|20)[0-9]{2} ?\xe5\xb9\xb4 ?[0-9]{1,2} ?\xe6\x9c\x88 ?(?:[0-9]{1,2} ?(?:\xe6\x97\xa5|\xe5\x8f\xb7))?",
        // 1990년 3월 7일
        r"(?:19|20)[0-9]{2}\xeb\x85\x84 ?[0-9]{1,2}\xec\x9b\x94 ?[0-9]{1,2}\xec\x9d\xbc",
        // 7 March 1990, 7th of March, 1990, 7-mar-1990, 7 de marzo de 1990; March 7, 1990 from its day on
        r"[0-9]{1,2}(?:st|nd|rd|th|\.|er)?[ -](?:of |de |d')?[a-z\x80-\xff]{3,12}\.?,?[ -](?:de |of )?(?:19|20)[0-9]{2}",
        r"[0-9]{1,2}(?:st|nd|rd|th)?,? (?:19|20)[0-9]{2}",
    ]),
    examine: date_of_birth,
    mask: Mask { head: 0, tail: 0 },
    about: "A date of the last 120 years, numeric in any order, with the name of a month in ten languages, or in Chinese, Japanese or Korean; only where a word for birth stands by. Mistaken for \
        it: every other date, without that word. Reference: 45 CFR 164.514, GB/T 35273 appendix A.",
};

/// First letters of months, in order, of English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish and Danish.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen", "sty", "jän"],
    &["feb", "fév", "fev", "lut"],
    &["mar", "mär", "maa", "mrt"],
    &["apr", "avr", "abr", "kwi"],
    &["may", "mai", "maj", "mag", "mei"],
    &["jun", "juin", "giu", "cze"],
    &["jul", "juil", "lug", "lip"],
    &["aug", "aoû", "aou", "ago", "sie"],
    &["sep", "set", "wrz"],
    &["oct", "okt", "ott", "out", "paź"],
    &["nov", "lis"],
    &["dec", "dez", "déc", "dic", "gru"],
];

/// The month that a word names.
fn month_of(word: &str) -> Option<u8> {
    // The longest beginning decides: `juin` and `juil` before `jun`.
    let longest =
        |names: &&[&str]| names.iter().filter(|name| word.starts_with(**name)).map(|name| name.len()).max();
    let (month, _) = MONTHS
        .iter()
        .enumerate()
        .filter_map(|(index, names)| Some((index, longest(names)?)))
        .max_by_key(|(_, len)| *len)?;
    Some(month as u8 + 1)
}

fn date_of_birth(site: &Site<'_>) -> Option<Reading> {
    let value = site.value;
    let numbers: Vec<&str> =
        value.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    let number = |index: usize| numbers.get(index).and_then(|part: &&str| part.parse::<u16>().ok());
    let mut span = site.span;
    let word = value
        .split(|c: char| !c.is_alphabetic())
        .find(|word| word.chars().count() >= 3 && month_of(word).is_some());
    let (year, month, day) = match (numbers.as_slice(), word) {
        ([day, year], Some(word)) => (year.parse().ok()?, month_of(word)?, day.parse().ok()?),
        ([year, _], None) if year.len() == 4 => (number(0)?, number(1)? as u8, 1),
        // The month stands before the day.
        ([day, year], None) if year.len() == 4 && !value.contains('-') => {
            let before = site.text.folded[..span.start].trim_end_matches([' ', '.']);
            let name = before
                .rsplit(|c: char| !c.is_alphabetic())
                .next()
                .filter(|name| name.chars().count() >= 3)?;
            span = Span::new(before.len() - name.len(), span.end);
            (year.parse().ok()?, month_of(name)?, day.parse().ok()?)
        }
        ([plain], None) if plain.len() == 8 => {
            (plain[..4].parse().ok()?, plain[4..6].parse().ok()?, plain[6..].parse().ok()?)
        }
        ([first, ..], None) if first.len() == 4 => (number(0)?, number(1)? as u8, number(2)? as u8),
        ([_, _, last], None) => {
            let year = match last.len() {
                4 => number(2)?,
                _ => 1900 + number(2)?,
            };
            // Day and month in either order.
            let (one, other) = (number(0)? as u8, number(1)? as u8);
            if one > 12 || other <= 12 { (year, other.min(12), one) } else { (year, one, other) }
        }
        _ => return None,
    };
    let is_alive = site.year.is_none_or(|now| year <= now && year + 120 >= now);
    (checksum::is_date(year, month, day) && is_alive && !is_anniversary(site)).then(|| Reading {
        canonical: format!("{year:04}-{month:02}-{day:02}"),
        bits: 0.0,
        span,
    })
}

/// Whether the date is that of a later birthday: `October 30, 2002 is my 27th birthday`.
fn is_anniversary(site: &Site<'_>) -> bool {
    let (before, behind) = site.around(40);
    let is_counted = |(at, _): (usize, &str), text: &str| {
        let count = text[..at].trim_end();
        ["st", "nd", "rd", "th"].iter().any(|ending| {
            count.strip_suffix(*ending).is_some_and(|rest| rest.ends_with(|c: char| c.is_ascii_digit()))
        })
    };
    [before, behind].iter().any(|text| text.match_indices("birthday").any(|found| is_counted(found, text)))
}
