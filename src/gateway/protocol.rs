//! The milter protocol on the wire: bytes in, [`Command`]s out; replies in, bytes out. Versions 2 to 6.
//!
//! Nothing is allocated by a length that the other side names, and no command is copied: it borrows from the bytes it came in.

/// A command of the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command<'a> {
    /// What the mail server can do.
    Negotiate {
        /// Version of the protocol.
        version: u32,
        /// What a reply may change.
        actions: u32,
        /// What can be left out.
        steps: u32,
    },
    /// Macros of the stage whose command follows, as name and value with a NUL each.
    Macros(u8, &'a [u8]),
    /// An SMTP client has come.
    Connect(&'a [u8]),
    /// It said who it is.
    Helo,
    /// Sender, with its arguments.
    Mail(&'a [u8]),
    /// A recipient, with its arguments.
    Recipient(&'a [u8]),
    /// The message follows.
    Data,
    /// A header field: name, value.
    Header(&'a [u8], &'a [u8]),
    /// The header is complete.
    EndOfHeader,
    /// A piece of the body.
    Body(&'a [u8]),
    /// The last piece of the body; often empty.
    EndOfBody(&'a [u8]),
    /// The message is given up, or done with.
    Abort,
    /// The connection ends.
    Quit,
    /// The SMTP session ends, the connection is used again.
    QuitReuse,
    /// The SMTP client said what the mail server does not know.
    Unknown,
}

/// What no mail server sends: nothing that follows can be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Most bytes of one packet: header fields may be longer than the 65,535 bytes of a piece of a body.
pub const MAX_PACKET: usize = 256 << 10;

/// The first command in `input` and how many bytes it takes; `None` where it is not complete.
pub fn command(input: &[u8]) -> Result<Option<(Command<'_>, usize)>, Malformed> {
    let Some((length, rest)) = input.split_first_chunk::<4>() else { return Ok(None) };
    let length = u32::from_be_bytes(*length) as usize;
    if length == 0 || length > MAX_PACKET {
        return Err(Malformed);
    }
    // What it is shows before all of it is there: of what is no command, nothing is waited for.
    let Some((code, _)) = rest.split_first() else { return Ok(None) };
    if !b"OCDHMRTLNBEAQKU".contains(code) {
        return Err(Malformed);
    }
    let Some(packet) = rest.get(..length) else { return Ok(None) };
    Ok(Some((parse(*code, &packet[1..])?, 4 + length)))
}

fn parse(code: u8, payload: &[u8]) -> Result<Command<'_>, Malformed> {
    Ok(match code {
        b'O' => {
            let number = |at: usize| {
                let bytes = payload.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
                bytes.map(u32::from_be_bytes).ok_or(Malformed)
            };
            Command::Negotiate { version: number(0)?, actions: number(4)?, steps: number(8)? }
        }
        b'D' => {
            let (stage, macros) = payload.split_first().ok_or(Malformed)?;
            Command::Macros(*stage, macros)
        }
        b'C' => Command::Connect(payload),
        b'H' => Command::Helo,
        b'M' => Command::Mail(payload),
        b'R' => Command::Recipient(payload),
        b'T' => Command::Data,
        b'L' => {
            let (name, rest) = split_nul(payload);
            Command::Header(name, split_nul(rest).0)
        }
        b'N' => Command::EndOfHeader,
        b'B' => Command::Body(payload),
        b'E' => Command::EndOfBody(payload),
        b'A' => Command::Abort,
        b'Q' => Command::Quit,
        b'K' => Command::QuitReuse,
        b'U' => Command::Unknown,
        _ => return Err(Malformed),
    })
}

/// What stands before the first NUL, and after it.
pub fn split_nul(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(0, bytes) {
        Some(at) => (&bytes[..at], &bytes[at + 1..]),
        None => (bytes, &[]),
    }
}

/// What may be changed, as the mail server offers it and we ask for it.
pub mod actions {
    /// Add header fields.
    pub const ADD_HEADER: u32 = 0x1;
    /// Change or remove header fields.
    pub const CHANGE_HEADER: u32 = 0x10;
    /// Put the message on hold.
    pub const QUARANTINE: u32 = 0x20;
}

/// What is left out on the wire, as the mail server offers it and we ask for it.
pub mod steps {
    /// No HELO.
    pub const NO_HELO: u32 = 0x2;
    /// No command that the mail server does not know.
    pub const NO_UNKNOWN: u32 = 0x100;
    /// No reply to a header field.
    pub const SILENT_HEADER: u32 = 0x80;
    /// No reply to a connection.
    pub const SILENT_CONNECT: u32 = 0x1000;
    /// No reply to a recipient.
    pub const SILENT_RECIPIENT: u32 = 0x8000;
    /// No reply to DATA.
    pub const SILENT_DATA: u32 = 0x1_0000;
    /// No reply to the end of the header.
    pub const SILENT_END_OF_HEADER: u32 = 0x4_0000;
    /// No reply to a piece of the body.
    pub const SILENT_BODY: u32 = 0x8_0000;
    /// Header values come with the white space behind the colon.
    pub const LEADING_SPACE: u32 = 0x10_0000;

    /// All that we ask for. DATA is not left out: over TCP that costs a delayed acknowledgement, 43 ms a message. The reply to
    /// MAIL is kept, for it is where a message can be told to come again.
    pub const WANTED: u32 = NO_HELO
        | NO_UNKNOWN
        | SILENT_HEADER
        | SILENT_CONNECT
        | SILENT_RECIPIENT
        | SILENT_DATA
        | SILENT_END_OF_HEADER
        | SILENT_BODY
        | LEADING_SPACE;
}

/// Codes of replies.
mod code {
    pub(super) const NEGOTIATE: u8 = b'O';
    pub(super) const CONTINUE: u8 = b'c';
    pub(super) const PROGRESS: u8 = b'p';
    pub(super) const QUARANTINE: u8 = b'q';
    pub(super) const REPLY: u8 = b'y';
    pub(super) const TEMPFAIL: u8 = b't';
    pub(super) const ADD_HEADER: u8 = b'h';
    pub(super) const CHANGE_HEADER: u8 = b'm';
}

/// Replies, written one after another into a buffer that is sent at once. SMFIR_SKIP is not among them: at the end of a message
/// Postfix takes it for a pass.
#[derive(Debug, Default)]
pub struct Replies {
    /// The bytes to be sent.
    pub bytes: Vec<u8>,
}

impl Replies {
    fn packet(&mut self, code: u8, pieces: &[&[u8]]) {
        let length = 1 + pieces.iter().map(|piece| piece.len()).sum::<usize>();
        self.bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes());
        self.bytes.push(code);
        for piece in pieces {
            self.bytes.extend_from_slice(piece);
        }
    }

    /// The answer to what the mail server can do.
    pub fn negotiate(&mut self, version: u32, actions: u32, steps: u32) {
        let numbers = [version, actions, steps].map(u32::to_be_bytes);
        self.packet(code::NEGOTIATE, &[&numbers.concat()]);
    }

    /// Go on.
    pub fn go_on(&mut self) {
        self.packet(code::CONTINUE, &[]);
    }

    /// Still at work: the mail server's patience starts anew.
    pub fn progress(&mut self) {
        self.packet(code::PROGRESS, &[]);
    }

    /// Try again later, in the mail server's words.
    pub fn tempfail(&mut self) {
        self.packet(code::TEMPFAIL, &[]);
    }

    /// Put the message on hold. Sendmail keeps the reason, Postfix drops it.
    pub fn quarantine(&mut self, reason: &str) {
        self.packet(code::QUARANTINE, &[reason.as_bytes(), &[0]]);
    }

    /// An SMTP reply, its lines with their codes. In milter replies `%` is an escape.
    pub fn reply(&mut self, lines: &str) {
        self.packet(code::REPLY, &[lines.replace('%', "%%").as_bytes(), &[0]]);
    }

    /// Adds a header field at the end of the header. `leading` is whether values carry the white space behind the colon.
    pub fn add_header(&mut self, name: &str, value: &str, leading: bool) {
        let space: &[u8] = if leading { b" " } else { b"" };
        self.packet(code::ADD_HEADER, &[name.as_bytes(), &[0], space, value.as_bytes(), &[0]]);
    }

    /// Removes the header field of that name with this index, from 1.
    pub fn remove_header(&mut self, name: &str, index: u32) {
        self.packet(code::CHANGE_HEADER, &[&index.to_be_bytes(), name.as_bytes(), &[0], &[0]]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(code: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len() + 1).expect("short");
        [&length.to_be_bytes(), &[code][..], payload].concat()
    }

    #[test]
    fn commands_are_read_whole_or_not_at_all() {
        let bytes = packet(b'L', b"Subject\0 hi\0");
        for end in 0..bytes.len() {
            assert_eq!(command(&bytes[..end]), Ok(None), "{end} bytes");
        }
        assert_eq!(command(&bytes), Ok(Some((Command::Header(b"Subject", b" hi"), bytes.len()))));
    }

    #[test]
    fn what_lacks_a_nul_is_read_all_the_same() {
        assert_eq!(command(&packet(b'L', b"X")), Ok(Some((Command::Header(b"X", b""), 6))));
        assert_eq!(command(&packet(b'M', b"")), Ok(Some((Command::Mail(b""), 5))));
    }

    #[test]
    fn what_is_no_command_is_known_at_once() {
        for bytes in [
            &b"\0\0\0\0"[..],
            b"\xff\xff\xff\xff",
            b"GET / HTTP/1.1\r\n",
            b"\0\0\0\x05Z",
            b"\0\x04\0\x01B",
            b"\0\0\0\x05Oabcd",
            b"\0\0\0\x01D",
        ] {
            assert_eq!(command(bytes), Err(Malformed), "{bytes:?}");
        }
    }

    #[test]
    fn replies_are_packets_one_after_another() {
        let mut replies = Replies::default();
        replies.quarantine("r");
        replies.go_on();
        assert_eq!(replies.bytes, b"\0\0\0\x03qr\0\0\0\0\x01c");
    }

    #[test]
    fn a_percent_sign_is_written_twice() {
        let mut replies = Replies::default();
        replies.reply("550 5.7.1 50% off");
        assert_eq!(replies.bytes, b"\0\0\0\x14y550 5.7.1 50%% off\0");
    }
}
