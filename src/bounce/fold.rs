//! Text in, the form in which patterns are looked for out: lower case, one blank between words, plain quotes; what only tells one
//! message from another is the same in all (`@` for an address, `0.0.0.0` for an IP address), and a reply's code stands once.

use super::address;

/// Bytes of a text that are looked at.
const MOST: usize = 64 << 10;

/// Folds a text.
pub(super) fn fold(text: &str) -> String {
    let text = &text[..crate::span::floor_boundary(text, text.len().min(MOST))];
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for found in address::all(text) {
        push(&mut out, &text[from..found.start]);
        out.push('@');
        from = found.end;
    }
    push(&mut out, &text[from..]);
    joined(&out)
}

/// The lines of a reply as one sentence: `550-5.7.1` and what repeats it go.
fn joined(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut code = None;
    for token in text.split(' ') {
        let goes_on = continued(token);
        let repeats = goes_on.is_some() || code.is_some_and(|code| code == token || is_status(token));
        code = goes_on.or(code);
        if repeats && !out.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        push_token(&mut out, token);
    }
    out
}

/// Appends a word, an IPv4 address in it as `0.0.0.0`.
fn push_token(out: &mut String, token: &str) {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let Some(start) = token.bytes().position(|byte| byte.is_ascii_digit()) else {
        return out.push_str(token);
    };
    let length = token.as_bytes()[start..].iter().take_while(|byte| is_part(byte)).count();
    let number = token[start..start + length].trim_end_matches('.');
    let is_ip = number.split('.').count() == 4 && number.split('.').all(|part| (1..=3).contains(&part.len()));
    if is_ip {
        out.push_str(token[..start].trim_end_matches(['[', '(']));
        out.push_str("0.0.0.0");
        out.push_str(token[start + number.len()..].trim_start_matches([']', ')']));
    } else {
        out.push_str(token);
    }
}

/// The reply code of a token such as `550-5.7.1`, which starts a line of a reply that goes on.
fn continued(token: &str) -> Option<&str> {
    let code = token.get(..3)?;
    let is_code = code.bytes().all(|byte| byte.is_ascii_digit()) && matches!(code.as_bytes()[0], b'4' | b'5');
    let rest = token.get(3..)?.strip_prefix('-')?;
    (is_code && (rest.is_empty() || is_status(rest))).then_some(code)
}

fn is_status(token: &str) -> bool {
    token.len() >= 5
        && matches!(token.as_bytes()[0], b'2' | b'4' | b'5')
        && token.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && token.bytes().filter(|byte| *byte == b'.').count() == 2
}

fn push(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\u{2018}' | '\u{2019}' | '\u{ff07}' | '`' => out.push('\''),
            '\u{201c}' | '\u{201d}' => out.push('"'),
            '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}' => {}
            // Full-width forms.
            '\u{ff01}'..='\u{ff5e}' => {
                out.extend(char::from_u32(c as u32 - 0xfee0).into_iter().flat_map(char::to_lowercase));
            }
            c if c.is_whitespace() || c.is_control() || c == '\u{3000}' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            c => out.extend(c.to_lowercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_reply_are_one_sentence() {
        for (text, want) in [
            ("The  User\r\n\tIs UNKNOWN", "the user is unknown"),
            (
                "550-5.1.1 The account\n550-5.1.1 does not exist\n550 5.1.1 here",
                "550-5.1.1 the account does not exist here",
            ),
            (
                "said: 550-5.7.26 an SPF record with a 550-5.7.26 hard fail",
                "said: an spf record with a hard fail",
            ),
            ("<full@example.com>: doesn’t", "<@>: doesn't"),
            ("ｆｕｌｌ　邮箱", "full 邮箱"),
            ("from [192.0.2.1] and 10.0.0.1:25, v5.6.7", "from 0.0.0.0 and 0.0.0.0:25, v5.6.7"),
        ] {
            assert_eq!(fold(text), want);
        }
    }
}
