//! The state of one milter connection, without sockets: bytes in, replies and [`Step`]s out.
//!
//! The caller feeds what has come, looks at the step, and sends `replies` in one write once nothing more can be taken. Whatever cannot
//! be understood ends the connection; a message that was under way is then told to come again, never passed.

use super::{
    action::Reply,
    protocol::{Command, Malformed, Replies, actions, command, split_nul, steps},
    transaction::{TAG, Transaction, shown},
};

/// The version that we speak.
const VERSION: u32 = 6;

/// The oldest version that there is.
const OLDEST: u32 = 2;

/// Actions that we ask for.
const ACTIONS: u32 = actions::ADD_HEADER | actions::CHANGE_HEADER | actions::QUARANTINE;

/// What the caller is to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing until more bytes come.
    More,
    /// Take the next command; so many bytes are done with.
    Next(usize),
    /// A message begins: [`Session::admit`] it, or [`Session::refuse`] it.
    Begin(usize),
    /// A message is complete: [`Session::take`] it, judge it, [`Session::answer`].
    Complete(usize),
    /// The connection is over, as it should be.
    Close,
    /// What came is no milter protocol: send the replies and end the connection.
    Broken,
}

/// One connection of a mail server.
#[derive(Debug, Default)]
pub struct Session {
    /// Replies that are to be sent.
    pub replies: Replies,
    /// The message that is coming in.
    pub transaction: Option<Transaction>,
    limit: usize,
    is_negotiated: bool,
    actions: u32,
    steps: u32,
    client: Option<String>,
    login: Option<String>,
    queue: Option<String>,
}

impl Session {
    /// A new connection; `limit` is the most bytes of a message that are kept.
    pub fn new(limit: usize) -> Session {
        Session { limit, ..Session::default() }
    }

    /// Takes the first command of `input`.
    pub fn step(&mut self, input: &[u8]) -> Step {
        match command(input) {
            Ok(None) => Step::More,
            Ok(Some((command, used))) => self.command(&command, used).unwrap_or_else(|_| self.broken()),
            Err(Malformed) => self.broken(),
        }
    }

    fn command(&mut self, command: &Command<'_>, used: usize) -> Result<Step, Malformed> {
        if let Command::Negotiate { version, actions, steps } = *command {
            self.negotiate(version, actions, steps)?;
            return Ok(Step::Next(used));
        }
        if !self.is_negotiated && *command != Command::Quit {
            return Err(Malformed);
        }
        match *command {
            Command::Negotiate { .. } | Command::Quit => return Ok(Step::Close),
            Command::QuitReuse => {
                self.forget();
                self.client = None;
            }
            Command::Abort => self.forget(),
            Command::Macros(stage, macros) => self.macros(stage, macros),
            Command::Connect(facts) => {
                self.client = client(facts);
                self.reply_unless(steps::SILENT_CONNECT);
            }
            Command::Helo | Command::Unknown => self.replies.go_on(),
            Command::Mail(arguments) => {
                self.transaction = Some(self.begin(arguments));
                return Ok(Step::Begin(used));
            }
            Command::Recipient(arguments) => {
                self.message().recipient(arguments);
                self.reply_unless(steps::SILENT_RECIPIENT);
            }
            Command::Data => self.reply_unless(steps::SILENT_DATA),
            Command::Header(name, value) => {
                let (leading, limit) = (self.has(steps::LEADING_SPACE), self.limit);
                self.message().header(name, value, leading, limit);
                self.reply_unless(steps::SILENT_HEADER);
            }
            Command::EndOfHeader => {
                let limit = self.limit;
                self.message().end_of_header(limit);
                self.reply_unless(steps::SILENT_END_OF_HEADER);
            }
            Command::Body(bytes) => {
                let limit = self.limit;
                self.message().body(bytes, limit);
                self.reply_unless(steps::SILENT_BODY);
            }
            Command::EndOfBody(bytes) => {
                let limit = self.limit;
                self.message().body(bytes, limit);
                return Ok(Step::Complete(used));
            }
        }
        Ok(Step::Next(used))
    }

    /// The mail server may go on with the message that began.
    pub fn admit(&mut self) {
        self.replies.go_on();
    }

    /// The message that began is not taken.
    pub fn refuse(&mut self, reply: &Reply) {
        self.forget();
        self.replies.reply(&reply.smtp());
    }

    /// The message that is complete.
    pub fn take(&mut self) -> Transaction {
        self.queue = None;
        self.transaction.take().unwrap_or_default()
    }

    /// Whether the mail server can put a message on hold.
    pub fn can_hold(&self) -> bool {
        self.actions & actions::QUARANTINE != 0
    }

    /// Answers for a message that is complete. `tags` is how many fields named [`TAG`] it came with.
    pub fn answer(&mut self, reply: &Reply, tag: Option<&str>, tags: u32) {
        let (can_add, can_remove) =
            (self.actions & actions::ADD_HEADER != 0, self.actions & actions::CHANGE_HEADER != 0);
        if let Some(value) = tag.filter(|_| can_add && reply.lets_through()) {
            // The last first: an index counts what is still there.
            for index in (1..=tags).rev().filter(|_| can_remove) {
                self.replies.remove_header(TAG, index);
            }
            self.replies.add_header(TAG, value, self.has(steps::LEADING_SPACE));
        }
        match reply {
            Reply::Accept => self.replies.go_on(),
            Reply::Hold(reason) => {
                self.replies.quarantine(reason);
                self.replies.go_on();
            }
            Reply::Smtp { .. } => self.replies.reply(&reply.smtp()),
        }
    }

    /// The end of a connection that cannot be understood, or cannot be served.
    pub fn broken(&mut self) -> Step {
        if self.transaction.is_some() {
            self.replies.tempfail();
        }
        self.forget();
        Step::Broken
    }

    fn negotiate(&mut self, version: u32, offered: u32, steps: u32) -> Result<(), Malformed> {
        if version < OLDEST {
            return Err(Malformed);
        }
        self.is_negotiated = true;
        (self.actions, self.steps) = (offered & ACTIONS, steps & steps::WANTED);
        self.forget();
        self.replies.negotiate(version.min(VERSION), self.actions, self.steps);
        Ok(())
    }

    fn macros(&mut self, stage: u8, macros: &[u8]) {
        if stage == b'M' {
            self.login = None;
        }
        let mut rest = macros;
        while !rest.is_empty() {
            let (name, after) = split_nul(rest);
            let (value, after) = split_nul(after);
            rest = after;
            match name {
                b"i" | b"{i}" => {
                    let queue = shown(value).chars().filter(|c| c.is_ascii_graphic()).collect();
                    match &mut self.transaction {
                        Some(message) => message.queue = Some(queue),
                        None => self.queue = Some(queue),
                    }
                }
                b"{auth_authen}" if stage == b'M' && !value.is_empty() => self.login = Some(shown(value)),
                _ => {}
            }
        }
    }

    fn begin(&mut self, arguments: &[u8]) -> Transaction {
        let mut message = Transaction::begin(arguments);
        (message.login, message.queue, message.client) =
            (self.login.take(), self.queue.take(), self.client.clone());
        message
    }

    /// The message that is coming in; one whose MAIL never came begins here.
    fn message(&mut self) -> &mut Transaction {
        self.transaction.get_or_insert_default()
    }

    fn forget(&mut self) {
        self.transaction = None;
        (self.login, self.queue) = (None, None);
    }

    fn has(&self, step: u32) -> bool {
        self.steps & step != 0
    }

    fn reply_unless(&mut self, silent: u32) {
        if !self.has(silent) {
            self.replies.go_on();
        }
    }
}

/// The address in what CONNECT says: host name, family, port, address.
fn client(facts: &[u8]) -> Option<String> {
    let (_, rest) = split_nul(facts);
    let address = split_nul(rest.get(3..)?).0;
    (!address.is_empty()).then(|| shown(address))
}
