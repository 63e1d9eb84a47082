//! Outlook messages (MS-OXMSG): a compound file of properties. Text becomes a message again, attachments are members, messages in it as well.

use std::io::Cursor;

use cfb::CompoundFile;

use super::mail::{Written, ansi, utf16};
use crate::{
    extract::{attached::Reader, reading::Reading, rich},
    message::Unread,
};

pub(super) const READER: Reader = Reader { knows: |head| head.format.id == "msg", read };

/// Messages within messages.
const DEPTH: usize = 8;
/// Attachments of a message.
const MOST: usize = 1_000;

type File<'b> = CompoundFile<Cursor<&'b [u8]>>;

fn read(bytes: &[u8], reading: &mut Reading<'_>) -> Result<(), Unread> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(|_| Unread::Broken)?;
    let mut store = Store { file: &mut file, is_cut: false };
    let written = store.written("", reading);
    if !written.is_empty() {
        reading.message(&written.to_message());
    }
    store.attachments("", 0, reading);
    if store.is_cut { Err(Unread::Broken) } else { Ok(()) }
}

/// The compound file, and whether something in it could not be read.
struct Store<'s, 'b> {
    file: &'s mut File<'b>,
    is_cut: bool,
}

impl Store<'_, '_> {
    /// The message in a storage.
    fn written(&mut self, storage: &str, reading: &mut Reading<'_>) -> Written {
        let mut of = |tag: &str| self.text(storage, tag, reading);
        let mut written = Written {
            subject: of("0037"),
            from: of("0C1A"),
            to: [of("0E04"), of("0E03")].join(";").trim_matches(';').to_owned(),
            text: of("1000"),
            html: of("1013"),
        };
        if written.html.is_empty()
            && let Some(html) = self.stream(&format!("{storage}/__substg1.0_10130102"), reading)
        {
            written.html = crate::message::text_of(&html).into_owned();
        }
        if written.text.is_empty()
            && written.html.is_empty()
            && let Some(packed) = self.stream(&format!("{storage}/__substg1.0_10090102"), reading)
        {
            let rtf = rich::unpacked(&packed, reading.bytes_left());
            reading.spend(rtf.len());
            self.is_cut |= rtf.is_empty();
            reading.member("message.rtf", rtf);
        }
        written
    }

    /// A property that is text.
    fn text(&mut self, storage: &str, tag: &str, reading: &mut Reading<'_>) -> String {
        let wide = self.stream(&format!("{storage}/__substg1.0_{tag}001F"), reading);
        if let Some(wide) = wide {
            return utf16(&wide);
        }
        let narrow = self.stream(&format!("{storage}/__substg1.0_{tag}001E"), reading);
        narrow.map_or_else(String::new, |narrow| ansi(&narrow).into_owned())
    }

    fn stream(&mut self, path: &str, reading: &mut Reading<'_>) -> Option<Vec<u8>> {
        if !self.file.is_stream(path) {
            return None;
        }
        let mut stream = self.file.open_stream(path).ok()?;
        let packed = usize::try_from(stream.len()).unwrap_or(usize::MAX);
        let (bytes, result) = reading.unpack(&mut stream, packed);
        self.is_cut |= result.is_err();
        Some(bytes)
    }

    /// Hands on the attachments of the message in a storage.
    fn attachments(&mut self, storage: &str, depth: usize, reading: &mut Reading<'_>) {
        let root = if storage.is_empty() { "/" } else { storage };
        let Ok(entries) = self.file.read_storage(root) else { return };
        let is_attachment = |name: &str| name.starts_with("__attach_version1.0_");
        let mut names: Vec<String> = entries
            .filter(|entry| entry.is_storage() && is_attachment(entry.name()))
            .map(|entry| entry.name().to_owned())
            .collect();
        names.sort();
        self.is_cut |= names.len() > MOST;
        for name in names.into_iter().take(MOST) {
            if reading.is_spent() {
                self.is_cut = true;
                return;
            }
            let at = format!("{storage}/{name}");
            let called = ["3707", "3704", "3001"]
                .iter()
                .map(|tag| self.text(&at, tag, reading))
                .find(|name| !name.is_empty());
            let called = called.unwrap_or_else(|| "attachment".to_owned());
            if let Some(content) = self.stream(&format!("{at}/__substg1.0_37010102"), reading) {
                reading.member(&called, content);
            }
            let inner = format!("{at}/__substg1.0_3701000D");
            if !self.file.is_storage(&inner) {
                continue;
            }
            if depth >= DEPTH {
                reading.unread(&[&called], Unread::OverLimit);
            } else if self.file.exists(format!("{inner}/__properties_version1.0")) {
                let written = self.written(&inner, reading);
                reading.member(&format!("{called}.eml"), written.to_message());
                self.attachments(&inner, depth + 1, reading);
            } else {
                // An object of another program, by its parts.
                reading.unread(&[&called], Unread::Document);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::extract::tests::{alone, segments};

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn message() -> Vec<u8> {
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).expect("memory");
        let inner = "/__attach_version1.0_#00000001/__substg1.0_3701000D";
        for storage in ["/__attach_version1.0_#00000000", "/__attach_version1.0_#00000001", inner] {
            file.create_storage(storage).expect("a storage");
        }
        for (path, content) in [
            ("/__properties_version1.0".to_owned(), vec![0; 32]),
            ("/__substg1.0_0037001F".to_owned(), wide("薪资表")),
            ("/__substg1.0_1000001F".to_owned(), wide("身份证号：110101199003071233\r\n")),
            ("/__attach_version1.0_#00000000/__substg1.0_37010102".to_owned(), b"a,b\n1,2\n".to_vec()),
            ("/__attach_version1.0_#00000000/__substg1.0_3707001F".to_owned(), wide("list.csv")),
            (format!("{inner}/__properties_version1.0"), vec![0; 24]),
            (format!("{inner}/__substg1.0_1000001E"), b"inner text\0".to_vec()),
        ] {
            file.create_stream(path).expect("a stream").write_all(&content).expect("memory");
        }
        file.into_inner().into_inner()
    }

    #[test]
    fn text_attachments_and_inner_messages_are_read() {
        let bytes = message();
        let (members, result) = alone(read, "mail.msg", &bytes);
        assert_eq!(result, Ok(()));
        assert_eq!(members[0], ("list.csv".to_owned(), b"a,b\n1,2\n".to_vec()));
        assert_eq!(members[1].0, "attachment.eml");
        let all = segments("mail.msg", &bytes);
        for want in [
            "mail.msg/Subject|薪资表",
            "mail.msg|身份证号：110101199003071233",
            "mail.msg/attachment.eml|inner text",
        ] {
            assert!(all.iter().any(|segment| segment == want), "{want}: {all:?}");
        }
    }
}
