//! Span maps as a property: however a value is encoded, the raw bytes that a finding names decode to text that holds it, and little else.

use presend::{
    Filter,
    policy::Policy,
    verdict::{Detail, Envelope, Matched},
};
use proptest::prelude::*;
use std::sync::LazyLock;

static FILTER: LazyLock<Filter> =
    LazyLock::new(|| Filter::new(Policy::shipped(), Detail::Excerpts).expect("the shipped policy compiles"));

/// A resident identity number that is valid and nobody's.
const VALUE: &str = "110101199003071233";

/// How a text is put into a message.
#[derive(Clone, Copy, Debug)]
enum Transfer {
    Plain,
    QuotedPrintable,
    Base64,
}

#[derive(Clone, Copy, Debug)]
enum Charset {
    Utf8,
    Gbk,
    Utf16,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_span_holds_its_value(
        before in "[a-z你好各位同事，。 \n]{0,120}",
        after in "[a-z谢谢请查收，。 \n]{0,80}",
        transfer in prop_oneof![Just(Transfer::Plain), Just(Transfer::QuotedPrintable), Just(Transfer::Base64)],
        charset in prop_oneof![Just(Charset::Utf8), Just(Charset::Gbk), Just(Charset::Utf16)],
        html in any::<bool>(),
        crlf in any::<bool>(),
        width in 20usize..77,
    ) {
        // Plain text on lines cannot carry UTF-16.
        let transfer = if matches!((transfer, charset), (Transfer::Plain | Transfer::QuotedPrintable, Charset::Utf16)) { Transfer::Base64 } else { transfer };
        let text = format!("{before}\n身份证号：{VALUE}。\n{after}");
        let text = if html { format!("<html><body><p>{}</p></body></html>", text.replace("1990", "19<b></b>90").replace('\n', "<br>\n")) } else { text };
        let raw = message(&text, transfer, charset, html, width);
        let raw = if crlf { with_crlf(&raw) } else { raw };
        let verdict = FILTER.check(&raw, &Envelope::default());
        let found = verdict.findings.iter().find(|found| found.rule.id == "pii.cn-resident-id");
        let found = found.ok_or_else(|| TestCaseError::fail("the value was not found"))?;
        let is_value = matches!(&found.value, Matched::Private { canonical, .. } if canonical == VALUE);
        prop_assert!(is_value);
        let span = found.span.expect("it stands in the raw bytes");
        let decoded = decode(span.of(&raw), transfer, charset);
        let digits: String = decoded.replace("<b></b>", "");
        prop_assert!(digits.contains(VALUE), "{decoded:?}");
        prop_assert!(decoded.len() <= VALUE.len() + 16, "{decoded:?}");
    }
}

fn message(text: &str, transfer: Transfer, charset: Charset, html: bool, width: usize) -> Vec<u8> {
    let (label, bytes) = match charset {
        Charset::Utf8 => ("utf-8", text.as_bytes().to_vec()),
        Charset::Gbk => ("gb2312", encoding_rs::GBK.encode(text).0.into_owned()),
        Charset::Utf16 => ("utf-16le", text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    };
    let (name, body) = match transfer {
        Transfer::Plain => ("8bit", bytes),
        Transfer::QuotedPrintable => ("quoted-printable", quoted_printable(&bytes, width)),
        Transfer::Base64 => ("base64", base64(&bytes, width)),
    };
    let kind = if html { "html" } else { "plain" };
    let mut raw = format!("Subject: x\nMIME-Version: 1.0\nContent-Type: text/{kind}; charset={label}\nContent-Transfer-Encoding: {name}\n\n").into_bytes();
    raw.extend(body);
    raw.push(b'\n');
    raw
}

fn with_crlf(raw: &[u8]) -> Vec<u8> {
    raw.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect()
}

fn quoted_printable(bytes: &[u8], width: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut column = 0;
    for &byte in bytes {
        let piece = match byte {
            b'\n' => {
                out.push(byte);
                column = 0;
                continue;
            }
            b'=' | 0x80.. | b' ' => format!("={byte:02X}"),
            _ => char::from(byte).to_string(),
        };
        if column + piece.len() >= width {
            out.extend(b"=\n");
            column = 0;
        }
        column += piece.len();
        out.extend(piece.bytes());
    }
    out
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8], width: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for group in bytes.chunks(3) {
        let bits =
            group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for index in 0..4 {
            let sextet = ALPHABET[(bits >> (18 - 6 * index)) as usize & 63];
            out.push(if index > group.len() { b'=' } else { sextet });
        }
    }
    out.chunks(width).collect::<Vec<_>>().join(&b'\n')
}

fn decode(raw: &[u8], transfer: Transfer, charset: Charset) -> String {
    let bytes = match transfer {
        Transfer::Plain => raw.to_vec(),
        Transfer::QuotedPrintable => {
            let text = String::from_utf8_lossy(raw).replace("=\r\n", "").replace("=\n", "");
            let mut out = Vec::new();
            let mut rest = text.as_bytes();
            while let Some((&first, tail)) = rest.split_first() {
                let code = tail
                    .get(..2)
                    .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
                let (byte, left) = match code {
                    Some(code) if first == b'=' => (code, &tail[2..]),
                    _ => (first, tail),
                };
                rest = left;
                out.push(byte);
            }
            out
        }
        Transfer::Base64 => {
            let (mut bits, mut count, mut out) = (0u32, 0, Vec::new());
            for sextet in raw.iter().filter_map(|byte| ALPHABET.iter().position(|letter| letter == byte)) {
                bits = bits << 6 | sextet as u32;
                count += 6;
                if count >= 8 {
                    count -= 8;
                    out.push((bits >> count) as u8);
                }
            }
            out
        }
    };
    match charset {
        Charset::Utf8 => String::from_utf8_lossy(&bytes).into_owned(),
        Charset::Gbk => encoding_rs::GBK.decode_without_bom_handling(&bytes).0.into_owned(),
        Charset::Utf16 => {
            // A unit of base64 may start in the middle of a character.
            let read = |from: usize| {
                String::from_utf16_lossy(
                    &bytes[from..]
                        .chunks_exact(2)
                        .map(|p| u16::from_le_bytes([p[0], p[1]]))
                        .collect::<Vec<_>>(),
                )
            };
            [0, 1]
                .map(|from| read(from.min(bytes.len())))
                .into_iter()
                .find(|text| text.contains(&VALUE[..4]))
                .unwrap_or_default()
        }
    }
}
