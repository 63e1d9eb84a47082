//! `winmail.dat` (MS-OXTNEF): the message that Outlook sends to itself, and the attachments in it.

use super::{
    mail::{Written, ansi, utf16},
    u16_at, u32_at,
};
use crate::{
    extract::{attached::Reader, reading::Reading, rich},
    message::Unread,
};

pub(super) const READER: Reader = Reader { knows: |head| head.format.id == "tnef", read };

/// Attributes that matter, MS-OXTNEF 2.1.3.2.
const FROM: usize = 0x0000_8000;
const SUBJECT: usize = 0x0001_8004;
const BODY: usize = 0x0002_800c;
const MESSAGE_PROPERTIES: usize = 0x0006_9003;
const START: usize = 0x0006_9002;
const NAME: usize = 0x0001_8010;
const DATA: usize = 0x0006_800f;
const ATTACHMENT_PROPERTIES: usize = 0x0006_9005;

/// An attachment in the making.
#[derive(Default)]
struct Attachment {
    name: String,
    content: Vec<u8>,
}

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let (mut written, mut attachments) = (Written::default(), Vec::<Attachment>::new());
    let mut rtf = Vec::new();
    // Signature and key, then attributes: level, id, length, content, checksum.
    let mut at = 6;
    let mut result = Ok(());
    while at < bytes.len() {
        let content = u32_at(bytes, at + 1)
            .zip(u32_at(bytes, at + 5))
            .and_then(|(id, length)| Some((id, bytes.get(at + 9..at.checked_add(9)?.checked_add(length)?)?)));
        let Some((id, content)) = content else {
            result = Err(Unread::Broken);
            break;
        };
        at += 9 + content.len() + 2;
        match id {
            FROM if written.from.is_empty() => written.from = from(content),
            SUBJECT => written.subject = ansi(content).into_owned(),
            BODY => written.text = ansi(content).into_owned(),
            MESSAGE_PROPERTIES => {
                for property in properties(content) {
                    match property.id {
                        0x0037 => written.subject = property.text(),
                        0x1000 => written.text = property.text(),
                        0x1013 => written.html = property.text(),
                        0x1009 => {
                            rtf = rich::unpacked(property.value, reading.bytes_left());
                            reading.spend(rtf.len());
                        }
                        _ => {}
                    }
                }
            }
            START => attachments.push(Attachment::default()),
            NAME => {
                if let Some(last) = attachments.last_mut().filter(|last| last.name.is_empty()) {
                    last.name = ansi(content).into_owned();
                }
            }
            DATA => {
                if let Some(last) = attachments.last_mut() {
                    reading.spend(content.len());
                    last.content = content.to_vec();
                }
            }
            ATTACHMENT_PROPERTIES => attachment(content, attachments.last_mut(), reading),
            _ => {}
        }
    }
    if !written.is_empty() {
        reading.message(&written.to_message());
    }
    if !rtf.is_empty() && written.text.trim().is_empty() && written.html.trim().is_empty() {
        reading.member("message.rtf", rtf);
    }
    for attachment in attachments {
        let name = if attachment.name.is_empty() { "attachment" } else { &attachment.name };
        reading.member(name, attachment.content);
    }
    result
}

/// What the properties of an attachment say: its long name, and a message or object that it is.
fn attachment(content: &[u8], last: Option<&mut Attachment>, reading: &mut Reading<'_>) {
    let Some(last) = last else { return };
    for property in properties(content) {
        match property.id {
            0x3707 => last.name = property.text(),
            // Sixteen bytes say which interface the object has; a message is again of this format.
            0x3701 if property.kind == 0x000d && property.value.len() > 16 => {
                let inner = &property.value[16..];
                reading.spend(inner.len());
                last.content = inner.to_vec();
            }
            _ => {}
        }
    }
}

/// The name in a triple of address, name and type.
fn from(content: &[u8]) -> String {
    let name = u16_at(content, 4).and_then(|length| content.get(8..8 + length));
    name.map_or_else(String::new, |name| ansi(name).into_owned())
}

/// A property of MAPI.
struct Property<'b> {
    id: usize,
    kind: usize,
    value: &'b [u8],
}

impl Property<'_> {
    fn text(&self) -> String {
        match self.kind {
            0x001f => utf16(self.value),
            _ => ansi(self.value).into_owned(),
        }
    }
}

/// The properties of a list, MS-OXTNEF 2.1.3.4; those before the first that is broken.
fn properties(bytes: &[u8]) -> Vec<Property<'_>> {
    let mut found = Vec::new();
    let mut at = 4;
    while let Some(property) = property(bytes, &mut at) {
        found.extend(property);
    }
    found
}

/// The next property; an inner `None` where it has several values.
#[allow(
    clippy::option_option,
    reason = "the outer one says that the list is broken, the inner one that this property is of no use"
)]
fn property<'b>(bytes: &'b [u8], at: &mut usize) -> Option<Option<Property<'b>>> {
    let padded = |length: usize| length.checked_add(3).map(|length| length / 4 * 4);
    let (kind, id) = (u16_at(bytes, *at)?, u16_at(bytes, *at + 2)?);
    *at += 4;
    if id >= 0x8000 {
        // Named: a set, and a number or a name in it.
        let by_name = u32_at(bytes, *at + 16)? == 1;
        *at += 24;
        if by_name {
            *at = at.checked_add(padded(u32_at(bytes, *at - 4)?)?)?;
        }
    }
    let is_several = kind & 0x1000 != 0;
    let kind = kind & 0x0fff;
    let is_long = matches!(kind, 0x001e | 0x001f | 0x0102 | 0x000d);
    let count = if is_several || is_long {
        *at += 4;
        u32_at(bytes, *at - 4)?
    } else {
        1
    };
    let mut first = None;
    for _ in 0..count {
        let length = match kind {
            0x001e | 0x001f | 0x0102 | 0x000d => {
                *at += 4;
                u32_at(bytes, *at - 4)?
            }
            0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
            0x0048 => 16,
            _ => 4,
        };
        let value = bytes.get(*at..at.checked_add(length)?)?;
        *at = at.checked_add(padded(length)?)?;
        first.get_or_insert(value);
    }
    Some(first.map(|value| Property { id, kind, value }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::tests::{alone, segments};

    fn attribute(level: u8, id: usize, content: &[u8]) -> Vec<u8> {
        let mut out = vec![level];
        out.extend((id as u32).to_le_bytes());
        out.extend((content.len() as u32).to_le_bytes());
        out.extend(content);
        out.extend([0, 0]);
        out
    }

    fn long(kind: u16, id: u16, value: &[u8]) -> Vec<u8> {
        let mut out = [kind.to_le_bytes(), id.to_le_bytes()].concat();
        out.extend(1u32.to_le_bytes());
        out.extend((value.len() as u32).to_le_bytes());
        out.extend(value);
        out.resize(out.len().next_multiple_of(4), 0);
        out
    }

    fn winmail() -> Vec<u8> {
        let wide: Vec<u8> = "薪资表.csv\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let named = [long(0x1e, 0x3707, b"x"), long(0x1f, 0x3707, &wide)].concat();
        let mut list = 2u32.to_le_bytes().to_vec();
        list.extend(named);
        let mut properties = 2u32.to_le_bytes().to_vec();
        properties.extend([0x03, 0x00, 0x17, 0x00, 1, 0, 0, 0]);
        properties.extend(long(0x1e, 0x1000, b"see the list\0"));
        [
            b"\x78\x9f\x3e\x22\x01\x00".to_vec(),
            attribute(1, SUBJECT, b"monthly list\0"),
            attribute(1, MESSAGE_PROPERTIES, &properties),
            attribute(2, START, &[0; 14]),
            attribute(2, NAME, b"list.csv\0"),
            attribute(2, DATA, b"a,b\n"),
            attribute(2, ATTACHMENT_PROPERTIES, &list),
        ]
        .concat()
    }

    #[test]
    fn text_and_attachments_are_read() {
        let bytes = winmail();
        let (members, result) = alone(read, "winmail.dat", &bytes);
        assert_eq!((members, result), (vec![("薪资表.csv".to_owned(), b"a,b\n".to_vec())], Ok(())));
        let all = segments("winmail.dat", &bytes);
        for want in ["winmail.dat/Subject|monthly list", "winmail.dat|see the list"] {
            assert!(all.iter().any(|segment| segment == want), "{want}: {all:?}");
        }
        for end in 0..bytes.len() {
            let _ = alone(read, "winmail.dat", &bytes[..end]);
        }
    }
}
