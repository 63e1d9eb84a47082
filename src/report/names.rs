//! File names as they may be shown: they come from the message and may hold what it must not say.

use crate::verdict::Verdict;

/// A longer run of digits in a name is more than a date, and masked.
const DATE_DIGITS: usize = 8;

/// A name without what is private in it.
pub(super) fn public(verdict: &Verdict, name: &str) -> String {
    mask_digits(verdict.masked_names.get(name).map_or(name, String::as_str))
}

/// Masks the middle of long runs of digits, the start as well where little would be left: no rule may know what they are.
fn mask_digits(name: &str) -> String {
    let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '０'..='９');
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(start) = rest.find(is_digit) {
        let run = &rest[start..];
        let run = &run[..run.find(|c| !is_digit(c)).unwrap_or(run.len())];
        out.push_str(&rest[..start]);
        let count = run.chars().count();
        let masked = match count {
            0..=DATE_DIGITS => 0..0,
            9 | 10 => 0..count - 4,
            _ => 3..count - 4,
        };
        out.extend(run.chars().enumerate().map(|(at, c)| if masked.contains(&at) { '*' } else { c }));
        rest = &rest[start + run.len()..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_in_names_are_masked() {
        let cases = [
            ("IMG_20240315_102233.jpg", "IMG_20240315_102233.jpg"),
            ("张三110101199003071233.pdf", "张三110***********1233.pdf"),
            ("６２２２０２１２３４５６.txt", "６２２*****３４５６.txt"),
            ("ssn 219099999", "ssn *****9999"),
            ("a", "a"),
        ];
        for (name, want) in cases {
            assert_eq!(mask_digits(name), want);
        }
    }
}
