//! S/MIME messages (RFC 8551): what is only signed can be read by anyone and is; what is enveloped is encrypted.
//!
//! The content stands in the clear between the structures of CMS (RFC 5652), whole or in pieces; signatures and certificates are passed over.

use crate::{
    extract::{attached::Reader, reading::Reading},
    message::Unread,
};

pub(super) const READER: Reader = Reader { knows: |head| head.format.id == "p7m", read };

/// Object identifiers of PKCS #7: signed data, and plain data within.
const SIGNED: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const DATA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";
/// Bytes at the start within which the kind of a structure stands.
const START: usize = 64;
/// Pieces of content within pieces.
const DEPTH: usize = 4;

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    if memchr::memmem::find(&bytes[..bytes.len().min(START)], SIGNED).is_none() {
        return Err(Unread::Encrypted);
    }
    let at = memchr::memmem::find(bytes, DATA).ok_or(Unread::Broken)? + DATA.len();
    let (tag, content, _) = element(&bytes[at..]).ok_or(Unread::Broken)?;
    // Without content it is a signature of something that is sent beside it.
    if tag != 0xa0 {
        return Ok(());
    }
    let mut message = Vec::new();
    collect(content, DEPTH, reading.bytes_left(), &mut message).ok_or(Unread::Broken)?;
    reading.spend(message.len());
    reading.member("signed message.eml", message);
    Ok(())
}

/// Appends the content of octet strings, which may consist of others.
fn collect(mut bytes: &[u8], depth: usize, most: usize, out: &mut Vec<u8>) -> Option<()> {
    while bytes.first().is_some_and(|tag| *tag != 0) {
        let (tag, content, rest) = element(bytes)?;
        match tag {
            0x04 if out.len() + content.len() <= most => out.extend_from_slice(content),
            0x24 if depth > 0 => collect(content, depth - 1, most, out)?,
            _ => return None,
        }
        bytes = rest;
    }
    Some(())
}

/// The first element: tag, content, and what follows. One of unknown length has all that follows as its content, up to the zeros that end it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, &first) = (bytes.first()?, bytes.get(1)?);
    let (length, start) = match first {
        0x80 => return Some((tag, &bytes[2..], &[])),
        0..0x80 => (usize::from(first), 2),
        _ => {
            let count = usize::from(first & 0x7f);
            let digits = bytes.get(2..2 + count).filter(|_| count <= 4)?;
            (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), 2 + count)
        }
    };
    let end = start.checked_add(length)?;
    Some((tag, bytes.get(start..end)?, &bytes[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::alone;

    fn of(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u16).to_be_bytes();
        [&[tag, 0x82, length[0], length[1]], content].concat()
    }

    fn signed(content: &[u8]) -> Vec<u8> {
        let inner = of(0x30, &[DATA, &of(0xa0, content)].concat());
        of(
            0x30,
            &[SIGNED, &of(0xa0, &of(0x30, &[b"\x02\x01\x01\x31\x00", inner.as_slice()].concat()))].concat(),
        )
    }

    #[test]
    fn what_is_only_signed_is_read() {
        let message = b"Content-Type: text/plain\r\n\r\nhello there\r\n";
        let whole = signed(&of(0x04, message));
        let pieces = signed(&of(0x24, &[of(0x04, &message[..20]), of(0x04, &message[20..])].concat()));
        let unknown = signed(&[b"\x24\x80".as_slice(), &of(0x04, message), &[0, 0]].concat());
        for bytes in [&whole, &pieces, &unknown] {
            let (members, result) = alone(read, "smime.p7m", bytes);
            assert_eq!(
                (members, result),
                (vec![("signed message.eml".to_owned(), message.to_vec())], Ok(()))
            );
        }
        for end in 0..pieces.len() {
            let _ = alone(read, "smime.p7m", &pieces[..end]);
        }
        let enveloped =
            [b"\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03".as_slice(), &[0; 40]].concat();
        assert_eq!(alone(read, "smime.p7m", &enveloped).1, Err(Unread::Encrypted));
    }
}
