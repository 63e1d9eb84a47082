//! A mail server's side of the milter protocol, packet by packet.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// All that Postfix 3.7 offers.
pub(crate) const POSTFIX: (u32, u32, u32) = (6, 0x1ff, 0x1f_ffff);

/// Steps whose command gets no reply, by the code of the command.
const SILENT: &[(u8, u32)] =
    &[(b'L', 0x80), (b'C', 0x1000), (b'R', 0x8000), (b'T', 0x1_0000), (b'N', 0x4_0000), (b'B', 0x8_0000)];

/// A reply: its code and what follows it.
pub(crate) type Reply = (char, Vec<u8>);

pub(crate) struct Mta {
    pub(crate) stream: TcpStream,
    steps: u32,
}

impl Mta {
    /// Connects and negotiates as Postfix does.
    pub(crate) fn connect(at: SocketAddr) -> Mta {
        let mut mta = Mta::open(at);
        mta.negotiate(POSTFIX);
        mta.send(b'C', b"client.example.com\x004\x1f\x90192.0.2.7\0");
        mta
    }

    pub(crate) fn open(at: SocketAddr) -> Mta {
        let stream = TcpStream::connect(at).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
        Mta { stream, steps: 0 }
    }

    pub(crate) fn negotiate(&mut self, (version, actions, steps): (u32, u32, u32)) -> (u32, u32, u32) {
        self.packet(b'O', &[version, actions, steps].map(u32::to_be_bytes).concat());
        let (code, payload) = self.reply();
        assert_eq!(code, 'O');
        let number = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().expect("four bytes"));
        self.steps = number(8);
        (number(0), number(4), number(8))
    }

    /// Sends a packet, and takes its reply where one is due.
    pub(crate) fn send(&mut self, code: u8, payload: &[u8]) -> Option<Reply> {
        self.packet(code, payload);
        let is_silent = SILENT.iter().any(|(of, step)| *of == code && self.steps & step != 0);
        let has_none = matches!(code, b'D' | b'A' | b'Q' | b'K') || is_silent;
        (!has_none).then(|| self.reply())
    }

    pub(crate) fn packet(&mut self, code: u8, payload: &[u8]) {
        let length = u32::try_from(payload.len() + 1).expect("short");
        let packet = [&length.to_be_bytes(), &[code][..], payload].concat();
        self.stream.write_all(&packet).expect("it reads");
    }

    pub(crate) fn reply(&mut self) -> Reply {
        self.try_reply().expect("a reply")
    }

    pub(crate) fn try_reply(&mut self) -> std::io::Result<Reply> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length)?;
        let mut packet = vec![0; u32::from_be_bytes(length) as usize];
        self.stream.read_exact(&mut packet)?;
        Ok((char::from(packet[0]), packet[1..].to_vec()))
    }

    /// MAIL and RCPT; the reply to MAIL.
    pub(crate) fn envelope(&mut self, from: &str, to: &[&str]) -> Reply {
        self.packet(b'D', b"M{mail_addr}\0x\0");
        let reply = self.send(b'M', format!("{from}\0SIZE=100\0").as_bytes()).expect("MAIL has a reply");
        if reply.0 == 'c' {
            for to in to {
                self.send(b'R', format!("{to}\0").as_bytes());
            }
            self.packet(b'D', b"Ti\x004ABCDEF\0");
            self.send(b'T', b"");
        }
        reply
    }

    /// Header and body, up to the end of the message but not with it.
    pub(crate) fn content(&mut self, raw: &str) {
        let (header, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
        for line in header.lines() {
            let (name, value) = line.split_once(':').expect("a header field");
            self.send(b'L', format!("{name}\0{value}\0").as_bytes());
        }
        self.send(b'N', b"");
        for piece in body.replace('\n', "\r\n").as_bytes().chunks(65_535) {
            self.send(b'B', piece);
        }
    }

    /// The end of the message: every reply, the last one is the answer.
    pub(crate) fn end(&mut self) -> Vec<Reply> {
        self.packet(b'D', b"Ei\x004ABCDEF\0");
        self.packet(b'E', b"");
        let mut replies = Vec::new();
        loop {
            let reply = self.reply();
            let is_last = matches!(reply.0, 'c' | 'a' | 'r' | 't' | 'd' | 'y');
            replies.push(reply);
            if is_last {
                return replies;
            }
        }
    }

    /// A whole message, and the ABORT that Postfix sends after each.
    pub(crate) fn message(&mut self, from: &str, to: &[&str], raw: &str) -> Vec<Reply> {
        let reply = self.envelope(from, to);
        if reply.0 != 'c' {
            return vec![reply];
        }
        self.content(raw);
        let replies = self.end();
        self.packet(b'A', b"");
        replies
    }

    /// Whether the other side ends the connection.
    pub(crate) fn is_closed(&mut self) -> bool {
        let mut rest = [0; 64];
        loop {
            match self.stream.read(&mut rest) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return !matches!(error.kind(), std::io::ErrorKind::WouldBlock),
            }
        }
    }
}

/// Codes of replies as a word: `qc`, `y`.
pub(crate) fn codes(replies: &[Reply]) -> String {
    replies.iter().map(|(code, _)| *code).filter(|code| *code != 'p').collect()
}

/// The text of the last reply.
pub(crate) fn text(replies: &[Reply]) -> String {
    let (_, payload) = replies.last().expect("a reply");
    String::from_utf8(payload.clone()).expect("ASCII").trim_end_matches('\0').to_owned()
}
