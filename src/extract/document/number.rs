//! Numbers of spreadsheets as a reader sees them: dates as dates, the rest with all digits that are stored.
//!
//! A cell that is a number keeps 15 digits; of an identity or card number that was typed into one, the last are gone. ECMA-376 part 1, 18.8.30.

use super::xml::{Node, Xml};

/// Digits that spreadsheet programs keep of a number.
const KEPT: usize = 15;
/// Styles that are looked at; a workbook made to be large has no use for more.
const MOST_STYLES: usize = 1 << 16;

/// How the numbers of a workbook are shown.
#[derive(Debug, Default)]
pub(super) struct Formats {
    /// By the style of a cell.
    by_style: Vec<Format>,
    starts_1904: bool,
}

/// How a number is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// With its digits.
    #[default]
    Plain,
    /// As a date, a time or both.
    Date,
    /// Digits put into a pattern of zeros: `000-00-0000`.
    Pattern(String),
}

impl Format {
    /// The format that a number format code of a workbook makes.
    pub(super) fn of_code(code: &str) -> Format {
        let first = code.split(';').next().unwrap_or_default();
        let zeros = first.bytes().filter(|byte| *byte == b'0').count();
        let mut bare = String::new();
        let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
        for c in first.chars() {
            match c {
                _ if escaped => escaped = false,
                '"' => quoted = !quoted,
                '[' if !quoted => bracketed = true,
                ']' if !quoted => bracketed = false,
                '\\' | '_' | '*' if !quoted => escaped = true,
                _ if quoted || bracketed => {}
                c => bare.push(c.to_ascii_lowercase()),
            }
        }
        if !bare.contains("general") && bare.contains(['y', 'm', 'd', 'h', 's']) && !bare.contains(['0', '#'])
        {
            return Format::Date;
        }
        let unescaped = first.replace(['\\', '"'], "");
        if zeros >= 3 && unescaped.chars().all(|c| matches!(c, '0' | '-' | ' ' | '/')) {
            return Format::Pattern(unescaped);
        }
        Format::Plain
    }

    /// The format that every workbook has under this number.
    pub(super) fn of_builtin(id: u32) -> Format {
        match id {
            // 27 to 36 and 50 to 58 are dates of Chinese, Japanese and Korean programs.
            14..=22 | 27..=36 | 45..=47 | 50..=58 => Format::Date,
            _ => Format::Plain,
        }
    }
}

impl Formats {
    /// Reads the styles of a workbook.
    pub(super) fn read(styles: &str, starts_1904: bool) -> Formats {
        let mut xml = Xml::new(styles);
        let (mut codes, mut by_style, mut in_cells) = (Vec::new(), Vec::new(), false);
        while let Some(node) = xml.next() {
            match node {
                Node::Open(element) => match element.name() {
                    "numFmt" if codes.len() < MOST_STYLES => {
                        let id = element.get("numFmtId").and_then(|id| id.parse::<u32>().ok());
                        codes.extend(id.zip(element.get("formatCode").map(|code| Format::of_code(&code))));
                    }
                    "cellXfs" => {
                        in_cells = true;
                        codes.sort_by_key(|(id, _)| *id);
                    }
                    "xf" if in_cells && by_style.len() < MOST_STYLES => {
                        let id = element.get("numFmtId").and_then(|id| id.parse::<u32>().ok()).unwrap_or(0);
                        let own = codes.binary_search_by_key(&id, |(id, _)| *id);
                        by_style.push(own.map_or_else(|_| Format::of_builtin(id), |at| codes[at].1.clone()));
                    }
                    _ => {}
                },
                Node::Close("cellXfs") => break,
                _ => {}
            }
        }
        Formats { by_style, starts_1904 }
    }

    /// Adds a stored number as the cell of this style shows it.
    pub(super) fn show(&self, stored: &str, style: usize, into: &mut String) {
        let stored = stored.trim();
        match self.by_style.get(style) {
            Some(Format::Date) => match stored.parse().ok().and_then(|serial| date(serial, self.starts_1904))
            {
                Some(date) => into.push_str(&date),
                None => into.push_str(&plain(stored)),
            },
            Some(Format::Pattern(pattern)) => into.push_str(&fill(pattern, &plain(stored))),
            _ => into.push_str(&plain(stored)),
        }
    }
}

/// A number without exponent, and without the last digits of a fraction that only binary numbers have: `0.30000000000000004`.
pub(super) fn plain(stored: &str) -> String {
    if let Some(short) = short(stored) {
        return short.to_owned();
    }
    match stored.parse::<f64>() {
        Ok(number) if stored.contains(['e', 'E', '.']) && number.is_finite() && number.abs() < 1e22 => {
            let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
            if rounded != 0.0 && rounded.abs() < 1e-9 { stored.to_owned() } else { rounded.to_string() }
        }
        _ => stored.to_owned(),
    }
}

/// The number as it stands, without zeros at the end of its fraction, where it has no more digits than a number keeps.
fn short(stored: &str) -> Option<&str> {
    let (whole, fraction) = stored.split_once('.')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = !whole.starts_with('0') && !whole.is_empty() && whole.len() + fraction.len() <= KEPT;
    (is_short && digits(whole) && digits(fraction))
        .then(|| stored.trim_end_matches('0').trim_end_matches('.'))
}

/// Whether a shown number has more digits than a number keeps.
pub(super) fn digits_are_lost(shown: &str) -> bool {
    shown.len() > KEPT && shown.bytes().all(|byte| byte.is_ascii_digit())
}

/// Digits put into a pattern from the right.
fn fill(pattern: &str, number: &str) -> String {
    let places = pattern.bytes().filter(|byte| *byte == b'0').count();
    if number.len() > places || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return number.to_owned();
    }
    let padded = format!("{number:0>places$}");
    let mut digits = padded.chars();
    pattern.chars().map(|c| if c == '0' { digits.next().unwrap_or('0') } else { c }).collect()
}

/// A serial number of days as a date: `1990-03-07`, `1990-03-07 08:30`, `08:30`.
pub(super) fn date(serial: f64, starts_1904: bool) -> Option<String> {
    let serial = if starts_1904 { serial + 1462.0 } else { serial };
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let minutes = ((serial.fract() * 1440.0).round() as u32).min(1439);
    let time = format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let days = serial as i64;
    if days == 0 {
        return Some(time);
    }
    // The calendar of spreadsheets has a 29 February 1900 that never was.
    let days = if days < 60 { days + 1 } else { days } - 25_569;
    // Days since 1970 as a civil date, after Hinnant.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(if minutes == 0 { date } else { format!("{date} {time}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serials_are_dates() {
        for (serial, want) in [
            (32_939.0, "1990-03-07"),
            (1.0, "1900-01-01"),
            (61.0, "1900-03-01"),
            (45_000.5, "2023-03-15 12:00"),
            (0.25, "06:00"),
        ] {
            assert_eq!(date(serial, false).as_deref(), Some(want));
        }
        assert_eq!(date(0.0, true).as_deref(), Some("1904-01-01"));
        assert_eq!(date(f64::NAN, false), None);
    }

    #[test]
    fn codes_tell_dates_from_numbers() {
        for (code, want) in [
            ("yyyy\\-mm\\-dd", Format::Date),
            ("[$-804]yyyy\"年\"m\"月\"", Format::Date),
            ("General", Format::Plain),
            ("#,##0.00", Format::Plain),
            ("0.00\"days\"", Format::Plain),
            ("[Red]0", Format::Plain),
            ("000-00-0000", Format::Pattern("000-00-0000".to_owned())),
        ] {
            assert_eq!(Format::of_code(code), want, "{code}");
        }
    }

    #[test]
    fn numbers_keep_their_digits() {
        let formats =
            Formats { by_style: vec![Format::Plain, Format::of_code("000-00-0000")], starts_1904: false };
        for (stored, style, want) in [
            ("110101199003071233", 0, "110101199003071233"),
            ("1.10101199003071E+17", 0, "110101199003071000"),
            ("78051120", 1, "078-05-1120"),
            ("0.5", 0, "0.5"),
            ("0.30000000000000004", 0, "0.3"),
            ("1200.50", 0, "1200.5"),
            ("1200.00", 0, "1200"),
            ("007.50", 0, "7.5"),
            ("6212.3456789012345", 0, "6212.34567890123"),
            ("1e999", 0, "1e999"),
        ] {
            let mut shown = String::new();
            formats.show(stored, style, &mut shown);
            assert_eq!(shown, want);
        }
        assert!(digits_are_lost("110101199003071000"));
        assert!(!digits_are_lost("123456789012345"));
    }
}
