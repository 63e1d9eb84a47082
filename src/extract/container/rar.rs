//! RAR archives, versions 4 and 5: names, and members that are stored as they are. Compressed ones are listed as not read.
//!
//! The only decoder there is has a licence that forbids others; the headers are documented (RAR 5.0 archive format, technote.txt of version 4).

use super::{check_path, name, u16_at, u32_at};
use crate::{
    extract::{attached::Reader, reading::Reading},
    message::Unread,
};

pub(super) const READER: Reader = Reader { knows: |head| head.format.id == "rar", read };

/// A member as its header says.
struct Member<'b> {
    name: &'b [u8],
    size: u64,
    content: &'b [u8],
    is_stored: bool,
    is_encrypted: bool,
    is_folder: bool,
}

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    match bytes.get(6) {
        Some(1) => version_5(bytes, reading),
        _ => version_4(bytes, reading),
    }
}

fn take(member: &Member<'_>, reading: &mut Reading<'_>) {
    let name = name(member.name);
    check_path(&name, reading);
    if member.is_folder {
        return;
    }
    if member.is_encrypted {
        reading.closed_member(&name, member.size, Unread::Encrypted);
    } else if member.is_stored {
        reading.member(&name, member.content.to_vec());
    } else {
        reading.closed_member(&name, member.size, Unread::Archive);
    }
}

fn version_5(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut at = 8;
    while at < bytes.len() {
        let mut fields = Fields { bytes, at: at + 4 };
        let size = fields.number().ok_or(Unread::Broken)?;
        let end = fields
            .at
            .checked_add(size)
            .filter(|end| *end <= bytes.len() && size > 0)
            .ok_or(Unread::Broken)?;
        let header = &bytes[..end];
        fields.bytes = header;
        let (kind, flags) = fields.number().zip(fields.number()).ok_or(Unread::Broken)?;
        let extra = if flags & 1 != 0 { fields.number().ok_or(Unread::Broken)? } else { 0 };
        let data = if flags & 2 != 0 { fields.number().ok_or(Unread::Broken)? } else { 0 };
        let content = end.saturating_add(data).min(bytes.len());
        match kind {
            2 => {
                let member = file_5(&mut fields, extra, &bytes[end..content]).ok_or(Unread::Broken)?;
                take(&member, reading);
            }
            4 => return Err(Unread::Encrypted),
            5 => break,
            _ => {}
        }
        at = content;
    }
    Ok(())
}

fn file_5<'b>(fields: &mut Fields<'b>, extra: usize, content: &'b [u8]) -> Option<Member<'b>> {
    let flags = fields.number()?;
    let size = fields.number()?;
    fields.number()?;
    fields.at += if flags & 2 != 0 { 4 } else { 0 } + if flags & 4 != 0 { 4 } else { 0 };
    let packing = fields.number()?;
    fields.number()?;
    let length = fields.number()?;
    let name = fields.bytes.get(fields.at..fields.at.checked_add(length)?)?;
    // The first of the extra records says whether it is encrypted: programs write it first.
    let records = fields.bytes.len().checked_sub(extra)?;
    let mut record = Fields { bytes: fields.bytes, at: records };
    let is_encrypted = extra > 0 && record.number().is_some() && record.number() == Some(1);
    Some(Member {
        name,
        size: size as u64,
        content,
        is_stored: packing >> 7 & 7 == 0,
        is_encrypted,
        is_folder: flags & 1 != 0,
    })
}

/// Numbers of seven bits a byte, lowest first.
struct Fields<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Fields<'_> {
    fn number(&mut self) -> Option<usize> {
        let mut number = 0u64;
        for shift in (0..63).step_by(7) {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return usize::try_from(number).ok();
            }
        }
        None
    }
}

fn version_4(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut at = 7;
    while at + 7 <= bytes.len() {
        let kind = bytes[at + 2];
        let (flags, size) = u16_at(bytes, at + 3).zip(u16_at(bytes, at + 5)).ok_or(Unread::Broken)?;
        let header = bytes.get(at..at + size).filter(|_| size >= 7).ok_or(Unread::Broken)?;
        let data =
            if flags & 0x8000 != 0 || kind == 0x74 { u32_at(header, 7).ok_or(Unread::Broken)? } else { 0 };
        let start = at + size;
        let end = start.saturating_add(data).min(bytes.len());
        match kind {
            // Behind it all is encrypted, names as well.
            0x73 if flags & 0x80 != 0 => return Err(Unread::Encrypted),
            0x74 => {
                let member = file_4(header, flags, &bytes[start..end]).ok_or(Unread::Broken)?;
                take(&member, reading);
            }
            0x7b => break,
            _ => {}
        }
        at = end;
    }
    Ok(())
}

fn file_4<'b>(header: &'b [u8], flags: usize, content: &'b [u8]) -> Option<Member<'b>> {
    let length = u16_at(header, 26)?;
    let start = if flags & 0x100 != 0 { 40 } else { 32 };
    let name = header.get(start..start + length)?;
    // A second spelling of the name follows a zero.
    let name = &name[..memchr::memchr(0, name).unwrap_or(name.len())];
    Some(Member {
        name,
        size: u32_at(header, 11)? as u64,
        content,
        is_stored: *header.get(25)? == 0x30,
        is_encrypted: flags & 4 != 0,
        is_folder: flags & 0xe0 == 0xe0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::alone;

    fn number(mut value: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while value >= 0x80 {
            out.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
        out
    }

    fn block_5(kind: usize, flags: usize, data: &[u8], rest: &[u8]) -> Vec<u8> {
        let mut header = [number(kind), number(flags)].concat();
        if flags & 2 != 0 {
            header.extend(number(data.len()));
        }
        header.extend_from_slice(rest);
        [&[0; 4], number(header.len()).as_slice(), &header, data].concat()
    }

    fn file_5_of(name: &str, packing: usize, data: &[u8]) -> Vec<u8> {
        let rest =
            [number(0), number(300), number(0), number(packing), number(0), number(name.len())].concat();
        block_5(2, 2, data, &[rest.as_slice(), name.as_bytes()].concat())
    }

    fn file_4_of(name: &str, method: u8, flags: u16, data: &[u8]) -> Vec<u8> {
        let size = (32 + name.len()) as u16;
        let mut out = vec![0, 0, 0x74];
        out.extend((flags | 0x8000).to_le_bytes());
        out.extend(size.to_le_bytes());
        out.extend((data.len() as u32).to_le_bytes());
        out.extend(300u32.to_le_bytes());
        out.extend([0; 9]);
        out.extend([29, method]);
        out.extend((name.len() as u16).to_le_bytes());
        out.extend([0; 4]);
        out.extend(name.as_bytes());
        out.extend(data);
        out
    }

    #[test]
    fn names_and_stored_members_are_read() {
        let five = [
            b"Rar!\x1a\x07\x01\0".as_slice(),
            &block_5(1, 0, b"", &number(0)),
            &file_5_of("名单.txt", 0, b"stored"),
            &file_5_of("packed.txt", 3 << 7, b"\x01\x02"),
            &block_5(5, 0, b"", &number(0)),
        ];
        let four = [
            b"Rar!\x1a\x07\0".as_slice(),
            &[0, 0, 0x73, 0, 0, 13, 0, 0, 0, 0, 0, 0, 0],
            &file_4_of("名单.txt", 0x30, 0, b"stored"),
            &file_4_of("packed.txt", 0x33, 0, b"\x01\x02"),
        ];
        for bytes in [five.concat(), four.concat()] {
            let (members, result) = alone(read, "a.rar", &bytes);
            assert_eq!(result, Ok(()));
            assert_eq!(
                members,
                [("名单.txt".to_owned(), b"stored".to_vec()), ("packed.txt".to_owned(), Vec::new())]
            );
            for end in 0..bytes.len() {
                let _ = alone(read, "a.rar", &bytes[..end]);
            }
        }
    }

    #[test]
    fn encrypted_headers_are_recognised() {
        let five = [b"Rar!\x1a\x07\x01\0".as_slice(), &block_5(4, 0, b"", &[0; 20])].concat();
        let four = [b"Rar!\x1a\x07\0".as_slice(), &[0, 0, 0x73, 0x80, 0, 13, 0, 0, 0, 0, 0, 0, 0]].concat();
        for bytes in [five, four] {
            assert_eq!(alone(read, "a.rar", &bytes).1, Err(Unread::Encrypted));
        }
    }
}
