//! Check digits, restated from their standards.

/// Luhn (ISO/IEC 7812-1): cards, IMEI.
pub(super) fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0');
            match index % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO 7064 MOD 11-2 with check character `X` for ten: GB 11643.
pub(super) fn mod_11_2(number: &str) -> bool {
    let bytes = number.as_bytes();
    let Some((check, body)) = bytes.split_last() else { return false };
    let remainder = body.iter().fold(0u32, |product, byte| (product + u32::from(byte - b'0')) * 2 % 11);
    let want = (12 - remainder) % 11;
    u32::from(match check {
        b'x' | b'X' => 10,
        digit => digit - b'0',
    }) == want
}

/// ISO 7064 MOD 97-10 over letters as 10 to 35, the first four characters moved to the end (ISO 13616).
pub(super) fn mod_97(iban: &str) -> bool {
    let (head, tail) = iban.split_at(4);
    let remainder = tail.bytes().chain(head.bytes()).fold(0u32, |remainder, byte| {
        let value = match byte {
            b'0'..=b'9' => u32::from(byte - b'0'),
            _ => u32::from(byte.to_ascii_uppercase() - b'A') + 10,
        };
        (remainder * if value > 9 { 100 } else { 10 } + value) % 97
    });
    remainder == 1
}

/// ISO 7064 MOD 11,10: German tax numbers, Croatian OIB.
pub(super) fn mod_11_10(digits: &str) -> bool {
    let mut product = 10;
    let (body, check) = digits.split_at(digits.len().saturating_sub(1));
    for byte in body.bytes() {
        let sum = match (u32::from(byte - b'0') + product) % 10 {
            0 => 10,
            sum => sum,
        };
        product = sum * 2 % 11;
    }
    check.bytes().all(|byte| (11 - product) % 10 == u32::from(byte - b'0'))
}

/// Verhoeff's check digit over the dihedral group: Aadhaar.
pub(super) fn verhoeff(digits: &str) -> bool {
    const PERMUTED: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    // Product in the dihedral group of order ten, written by its turns and flips.
    let product = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let check = digits
        .bytes()
        .rev()
        .enumerate()
        .fold(0, |check, (index, byte)| product(check, PERMUTED[index % 8][usize::from(byte - b'0')]));
    check == 0
}

/// Check letter of Ireland behind seven digits, modulus 23: PPS and VAT numbers. A second letter A to I counts nine times.
pub(super) fn irish(code: &str) -> bool {
    let bytes = code.as_bytes();
    let second = bytes.get(8).filter(|byte| matches!(**byte, b'A'..=b'I'));
    let extra = second.map_or(0, |byte| u32::from(byte - b'A' + 1) * 9);
    let sum = weighted(&code[..7], &[8, 7, 6, 5, 4, 3, 2]) + extra;
    b"WABCDEFGHIJKLMNOPQRSTUV"[(sum % 23) as usize] == bytes[7]
}

/// Remainder of a long number of digits, which may not fit a machine word.
pub(super) fn remainder(digits: &str, modulus: u32) -> u32 {
    digits.bytes().fold(0, |remainder, byte| (remainder * 10 + u32::from(byte - b'0')) % modulus)
}

/// EAN-13: weights 1 and 3, modulus 10.
pub(super) fn ean_13(digits: &str) -> bool {
    weighted(digits, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]).is_multiple_of(10)
}

/// Sum of digits times weights, from the left; digits beyond the weights do not count.
pub(super) fn weighted(digits: &str, weights: &[u32]) -> u32 {
    digits.bytes().zip(weights).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum()
}

/// The same where letters count from 10 to 35.
pub(super) fn weighted_36(number: &str, weights: &[u32]) -> u32 {
    let values = number.chars().map(|c| c.to_digit(36).unwrap_or(0));
    values.zip(weights).map(|(value, weight)| value * weight).sum()
}

/// The number that digits `from..to` write.
pub(super) fn number_at(digits: &str, from: usize, to: usize) -> Option<u32> {
    digits.get(from..to)?.parse().ok()
}

/// Whether `yymmdd` at the start of the digits is a date of this or the last century.
pub(super) fn begins_with_yymmdd(digits: &str) -> bool {
    let of = |from, to| number_at(digits, from, to).unwrap_or(0) as u16;
    [1900, 2000].iter().any(|century| is_date(century + of(0, 2), of(2, 4) as u8, of(4, 6) as u8))
}

/// Whether year, month and day as a number holds them are a date.
pub(super) fn exists(year: u32, month: u32, day: u32) -> bool {
    let narrow = (u16::try_from(year), u8::try_from(month), u8::try_from(day));
    matches!(narrow, (Ok(year), Ok(month), Ok(day)) if is_date(year, month, day))
}

/// Whether a date exists, in the Gregorian calendar.
pub(super) fn is_date(year: u16, month: u8, day: u8) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_published_examples() {
        for (check, valid, invalid) in [
            (luhn as fn(&str) -> bool, "79927398713", "79927398710"),
            (mod_11_10, "86095742719", "86095742710"),
            (mod_11_10, "33392005961", "33392005962"),
            (verhoeff, "2363", "2364"),
            (verhoeff, "499118665246", "499118665247"),
            (mod_11_2, "11010519491231002X", "110105194912310021"),
        ] {
            assert!(check(valid) && !check(invalid), "{valid}");
        }
    }
}
