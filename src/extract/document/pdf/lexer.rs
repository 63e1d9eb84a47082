//! Content streams and CMaps as operands and operators, whatever garbage stands between them. ISO 32000-2, 7.2 and 7.8.
//!
//! Nothing ends it before the end of the bytes: what cannot be read is passed over, so that text behind it is found.

use std::borrow::Cow;

/// An operand or an operator.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'b> {
    /// A number.
    Number(f32),
    /// A string, decoded.
    String(Cow<'b, [u8]>),
    /// A name, decoded.
    Name(Cow<'b, [u8]>),
    /// An array opens.
    ArrayStart,
    /// An array closes.
    ArrayEnd,
    /// A dictionary opens or closes.
    Dictionary,
    /// An operator or a word.
    Word(&'b [u8]),
}

/// A stream being read.
#[derive(Debug)]
pub(super) struct Lexer<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Lexer<'b> {
    /// Reads `bytes` from their start.
    pub(super) fn new(bytes: &'b [u8]) -> Lexer<'b> {
        Lexer { bytes, at: 0 }
    }

    /// Passes over the data of an inline image: to the `EI` that stands alone behind it.
    pub(super) fn skip_image(&mut self) {
        let rest = &self.bytes[self.at..];
        let alone = |at: &usize| {
            let before = at.checked_sub(1).is_none_or(|before| is_space(rest[before]));
            before && rest.get(at + 2).is_none_or(|byte| is_space(*byte))
        };
        let end = memchr::memmem::find_iter(rest, b"EI").find(alone);
        self.at += end.map_or(0, |at| at + 2);
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn string(&mut self) -> Cow<'b, [u8]> {
        let (mut text, mut open) = (Vec::new(), 1);
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        text.into()
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'\n' => {}
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                text.push(code as u8);
            }
            other => text.push(other),
        }
    }

    fn hex(&mut self) -> Cow<'b, [u8]> {
        let (mut text, mut high) = (Vec::new(), None);
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let Some(digit) = (byte as char).to_digit(16) else { continue };
            match high.take() {
                None => high = Some(digit),
                Some(high) => text.push((high * 16 + digit) as u8),
            }
        }
        text.extend(high.map(|high| (high * 16) as u8));
        text.into()
    }

    fn name(&mut self) -> Cow<'b, [u8]> {
        let raw = self.regular();
        if !raw.contains(&b'#') {
            return raw.into();
        }
        let (mut name, mut at) = (Vec::new(), 0);
        while at < raw.len() {
            let code = raw.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
            match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()).filter(|_| raw[at] == b'#') {
                Some(code) => {
                    name.push(code);
                    at += 3;
                }
                None => {
                    name.push(raw[at]);
                    at += 1;
                }
            }
        }
        name.into()
    }

    fn regular(&mut self) -> &'b [u8] {
        let rest = &self.bytes[self.at..];
        let len = rest.iter().position(|byte| is_space(*byte) || is_delimiter(*byte)).unwrap_or(rest.len());
        self.at += len;
        &rest[..len]
    }
}

impl<'b> Iterator for Lexer<'b> {
    type Item = Token<'b>;

    fn next(&mut self) -> Option<Token<'b>> {
        loop {
            let byte = self.peek()?;
            match byte {
                _ if is_space(byte) => self.at += 1,
                b'%' => {
                    let rest = &self.bytes[self.at..];
                    self.at +=
                        rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
                }
                b'(' => {
                    self.at += 1;
                    return Some(Token::String(self.string()));
                }
                b'<' if self.bytes.get(self.at + 1) == Some(&b'<') => {
                    self.at += 2;
                    return Some(Token::Dictionary);
                }
                b'<' => {
                    self.at += 1;
                    return Some(Token::String(self.hex()));
                }
                b'>' | b'{' | b'}' | b')' => {
                    self.at += 1;
                    if byte == b'>' && self.peek() == Some(b'>') {
                        self.at += 1;
                        return Some(Token::Dictionary);
                    }
                }
                b'[' | b']' => {
                    self.at += 1;
                    return Some(if byte == b'[' { Token::ArrayStart } else { Token::ArrayEnd });
                }
                b'/' => {
                    self.at += 1;
                    return Some(Token::Name(self.name()));
                }
                _ => {
                    let word = self.regular();
                    return Some(number(word).map_or(Token::Word(word), Token::Number));
                }
            }
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 12 | 0)
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

/// A number, as loosely as programs read them: `--5`, `1.`, `.5`, `0.00-41`.
fn number(word: &[u8]) -> Option<f32> {
    if !matches!(word.first()?, b'0'..=b'9' | b'+' | b'-' | b'.') {
        return None;
    }
    let text = std::str::from_utf8(word).ok()?;
    let trimmed = text.trim_start_matches(['-', '+']);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let value: f32 = trimmed[..end].parse().ok()?;
    (end == trimmed.len() || trimmed[end..].starts_with('-')).then_some(sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_apart() {
        let tokens: Vec<Token<'_>> =
            Lexer::new(b"[(a\\051\\(b) -12.5<4e2D>]TJ /F#31 1.Tf% c\n<</A 1>>BDC ) q").collect();
        let word = |text: &'static str| Token::Word(text.as_bytes());
        assert_eq!(
            tokens,
            [
                Token::ArrayStart,
                Token::String(b"a)(b".as_slice().into()),
                Token::Number(-12.5),
                Token::String(b"\x4e\x2d".as_slice().into()),
                Token::ArrayEnd,
                word("TJ"),
                Token::Name(b"F1".as_slice().into()),
                word("1.Tf"),
                Token::Dictionary,
                Token::Name(b"A".as_slice().into()),
                Token::Number(1.0),
                Token::Dictionary,
                word("BDC"),
                word("q"),
            ]
        );
    }

    #[test]
    fn image_data_is_passed_over() {
        let mut lexer = Lexer::new(b" xxEIyy(\xff EI Q");
        lexer.skip_image();
        assert_eq!(lexer.next(), Some(Token::Word(b"Q")));
    }
}
