//! An SMTP client.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

pub(crate) struct Smtp {
    reader: BufReader<TcpStream>,
}

impl Smtp {
    pub(crate) fn connect(at: SocketAddr) -> Smtp {
        let stream = TcpStream::connect(at).expect("Postfix listens");
        stream.set_read_timeout(Some(Duration::from_secs(200))).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        let mut smtp = Smtp { reader: BufReader::new(stream) };
        smtp.reply();
        smtp.say("EHLO client.example.com");
        smtp
    }

    /// Sends a line; the reply.
    pub(crate) fn say(&mut self, line: &str) -> String {
        self.write(format!("{line}\r\n").as_bytes());
        self.reply()
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) {
        self.reader.get_mut().write_all(bytes).expect("it reads");
    }

    /// A reply, all lines of it.
    pub(crate) fn reply(&mut self) -> String {
        let mut reply = String::new();
        loop {
            let start = reply.len();
            let read = self.reader.read_line(&mut reply).expect("a reply");
            assert!(read > 0, "the connection ended after {reply:?}");
            if reply.as_bytes()[start..].get(3) != Some(&b'-') {
                return reply;
            }
        }
    }

    /// Begins a message, up to where its content is due; the reply to what was not liked, or to DATA.
    pub(crate) fn begin(&mut self, from: &str, to: &[&str]) -> String {
        let mail = self.say(&format!("MAIL FROM:<{from}> BODY=8BITMIME"));
        if !mail.starts_with("250") {
            return mail;
        }
        for to in to {
            let reply = self.say(&format!("RCPT TO:<{to}>"));
            assert!(reply.starts_with("250"), "{to}: {reply}");
        }
        self.say("DATA")
    }

    /// Sends a message with LF line ends; the last reply.
    pub(crate) fn send(&mut self, from: &str, to: &[&str], raw: &[u8]) -> String {
        let begun = self.begin(from, to);
        if !begun.starts_with("354") {
            return begun;
        }
        self.write(&Smtp::wire(raw));
        self.reply()
    }

    /// A message with LF line ends as it is sent, with the dot at its end.
    pub(crate) fn wire(raw: &[u8]) -> Vec<u8> {
        let mut wire = Vec::with_capacity(raw.len() + raw.len() / 16);
        for line in raw.split_inclusive(|byte| *byte == b'\n') {
            if line.starts_with(b".") {
                wire.push(b'.');
            }
            wire.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
            wire.extend_from_slice(b"\r\n");
        }
        wire.extend_from_slice(b".\r\n");
        wire
    }
}
