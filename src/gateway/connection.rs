//! One connection: moves bytes between the socket and the [`Session`], keeps within the bounds, has complete messages judged.

use std::{
    fs::File,
    io, mem,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, watch},
    task::spawn_blocking,
    time::{Instant, interval_at, sleep, sleep_until, timeout},
};

use super::{
    action::{Failure, Reply, Ruling, exempt, is_judged, rule},
    judge::{Judged, Regime, Task},
    listen::Stream,
    record::Record,
    service::State,
    session::{Session, Step},
    spool::{Content, Share, append},
    transaction::Transaction,
};
use crate::policy::gateway::Answer;

/// Bytes that are read at once: a piece of a body.
const READ: usize = 64 << 10;

/// How long a started packet may take to be complete, and a reply to be taken.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a mail server that waits for a verdict is told that it is being worked on.
const PROGRESS: Duration = Duration::from_secs(1);

/// How often it is looked whether there is memory for a message again.
const MEMORY_RETRY: Duration = Duration::from_millis(20);

pub(super) struct Connection {
    stream: Stream,
    state: Arc<State>,
    session: Session,
    number: u64,
    input: Vec<u8>,
    patience: Option<Instant>,
    share: Share,
    held: Option<Held>,
    stop: watch::Receiver<bool>,
}

/// What a message on its way holds.
struct Held {
    _room: OwnedSemaphorePermit,
    regime: Arc<Regime>,
    file: Option<(File, usize)>,
    state: Arc<State>,
}

impl Held {
    /// Appends to the file of the message.
    async fn append(&mut self, content: Vec<u8>, folder: &Path) -> io::Result<()> {
        let (file, folder) = (self.file.take(), folder.to_owned());
        let written = spawn_blocking(move || append(file, &content, &folder)).await;
        self.file = Some(written.map_err(io::Error::other)??);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.state.metrics.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Why a connection ends.
enum End {
    /// As it should.
    Done,
    /// What came could not be understood, or not be kept.
    Broken,
    /// The other side is gone, or too slow.
    Lost,
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> End {
        End::Lost
    }
}

impl Connection {
    pub(super) fn new(
        stream: Stream,
        state: Arc<State>,
        number: u64,
        stop: watch::Receiver<bool>,
    ) -> Connection {
        let session = Session::new(state.bounds.message);
        let share = Share::new(&state.incoming);
        Connection {
            stream,
            state,
            session,
            number,
            input: Vec::new(),
            patience: None,
            share,
            held: None,
            stop,
        }
    }

    /// Serves the connection until it ends.
    pub(super) async fn serve(mut self) {
        let end = loop {
            if let Err(end) = self.turn().await {
                break end;
            }
        };
        if self.session.transaction.is_some() && self.held.is_some() {
            self.state.metrics.aborted.fetch_add(1, Ordering::Relaxed);
        }
        if matches!(end, End::Broken) {
            self.state.metrics.broken.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(target: "presend", connection = self.number, "no milter protocol, or no room for it");
        }
    }

    /// Takes what has come, answers, and waits for more.
    async fn turn(&mut self) -> Result<(), End> {
        let taken = self.take().await;
        self.flush().await?;
        taken?;
        if self.session.transaction.is_none() {
            if *self.stop.borrow() {
                return Err(End::Done);
            }
            if self.input.is_empty() {
                // A connection that waits holds no memory.
                self.input = Vec::new();
                self.share.resize(0);
            }
        }
        self.read().await
    }

    /// Takes all commands that are complete.
    async fn take(&mut self) -> Result<(), End> {
        let mut at = 0;
        let end = loop {
            match self.session.step(&self.input[at..]) {
                Step::More => break Ok(()),
                Step::Next(used) => at += used,
                Step::Begin(used) => {
                    at += used;
                    self.begin();
                }
                Step::Complete(used) => {
                    at += used;
                    if let Err(end) = self.complete().await {
                        break Err(end);
                    }
                }
                Step::Close => break Err(End::Done),
                Step::Broken => break Err(End::Broken),
            }
            if self.session.transaction.is_none() && self.held.take().is_some() {
                self.state.metrics.aborted.fetch_add(1, Ordering::Relaxed);
            }
        };
        self.input.drain(..at);
        // A packet that trickles in has the patience for all of it, not for each byte.
        if self.input.is_empty() || at > 0 {
            self.patience = None;
        }
        if !self.input.is_empty() {
            self.patience.get_or_insert_with(|| Instant::now() + self.state.bounds.idle.min(PATIENCE));
        }
        end?;
        self.settle().await
    }

    /// Keeps what is held within the memory: in a file what is too much.
    async fn settle(&mut self) -> Result<(), End> {
        let spool_from = self.state.bounds.spool_from;
        let content = self.session.transaction.as_ref().map(|message| &message.content);
        let (length, capacity) = content.map_or((0, 0), |content| (content.len(), content.capacity()));
        // Every connection may read; what is beyond that is counted.
        let input = self.input.capacity().saturating_sub(2 * READ);
        if length > spool_from || !self.share.resize(capacity + input) {
            self.spool().await?;
            if !self.share.resize(input) {
                self.session.broken();
                self.flush().await?;
                return Err(End::Broken);
            }
        }
        Ok(())
    }

    /// Moves the content that has come to the file of the message.
    async fn spool(&mut self) -> Result<(), End> {
        let Some(message) = &mut self.session.transaction else { return Ok(()) };
        let content = mem::take(&mut message.content);
        if self.held.is_none() {
            // Its MAIL never came.
            self.held = self.hold();
        }
        let Some(held) = &mut self.held else {
            self.session.broken();
            self.flush().await?;
            return Err(End::Broken);
        };
        match held.append(content, &self.state.bounds.spool_folder).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::error!(target: "presend", connection = self.number, %error, "cannot spool a message");
                self.session.broken();
                self.flush().await?;
                Err(End::Lost)
            }
        }
    }

    /// Takes a message in, or tells it to come again.
    fn begin(&mut self) {
        match self.hold() {
            Some(held) => {
                self.held = Some(held);
                self.session.admit();
            }
            None => {
                self.state.metrics.busy.fetch_add(1, Ordering::Relaxed);
                self.session.refuse(&Reply::later("is busy"));
            }
        }
    }

    fn hold(&self) -> Option<Held> {
        let room = Arc::clone(&self.state.messages).try_acquire_owned().ok()?;
        self.state.metrics.in_flight.fetch_add(1, Ordering::Relaxed);
        Some(Held { _room: room, regime: self.state.regime(), file: None, state: Arc::clone(&self.state) })
    }

    /// Judges the message that is complete, and answers.
    async fn complete(&mut self) -> Result<(), End> {
        let start = Instant::now();
        let mut message = self.session.take();
        let mut held = match self.held.take() {
            Some(held) => held,
            // Its MAIL never came.
            None => match self.hold() {
                Some(held) => held,
                None => {
                    self.state.metrics.busy.fetch_add(1, Ordering::Relaxed);
                    self.session.refuse(&Reply::later("is busy"));
                    return Ok(());
                }
            },
        };
        let regime = Arc::clone(&held.regime);
        let settings = &regime.settings;
        let (judged, mut ruling) = if is_judged(settings, &message) {
            let judged = self.judge(&mut message, &mut held).await?;
            let ruling = rule(settings, &message, &judged.outcome);
            (Some(judged), ruling)
        } else {
            (None, exempt())
        };
        if ruling.answer == Answer::Hold && !self.session.can_hold() {
            let reply = Reply::later("wants to hold this message, which the mail server does not allow");
            ruling = Ruling { answer: Answer::Tempfail, reply, ..ruling };
        }
        self.session.answer(&ruling.reply, ruling.tag.as_deref(), message.tags);
        let heard = self.flush().await;
        let waited = start.elapsed();
        self.state.metrics.message(judged.as_ref(), &ruling, message.size, waited);
        let record = Record {
            connection: self.number,
            message: &message,
            judged: judged.as_ref(),
            ruling: &ruling,
            waited,
            is_heard: heard.is_ok(),
            policy: &regime.version,
        };
        record.log(&settings.log);
        heard
    }

    /// Has a message judged, until the deadline at the latest.
    async fn judge(&mut self, message: &mut Transaction, held: &mut Held) -> Result<Judged, End> {
        // Whom a message goes to decides what may be in it: one recipient too many to be kept is no message to pass.
        if message.is_overfull {
            return Ok(Judged::failed(Failure::Error));
        }
        let deadline = Instant::now() + held.regime.settings.limits.deadline;
        let whole = held.file.as_ref().map_or(0, |(_, size)| *size) + message.content.len();
        let mut share = Share::new(&self.state.judging);
        if !share.resize(whole) {
            // Who waits for memory holds none.
            let content = mem::take(&mut message.content);
            if held.append(content, &self.state.bounds.spool_folder).await.is_err() {
                return Ok(Judged::failed(Failure::Error));
            }
        }
        self.share.resize(0);
        let file =
            held.file.as_ref().map(|(file, size)| file.try_clone().map(|file| (file, *size))).transpose();
        let Ok(file) = file else { return Ok(Judged::failed(Failure::Error)) };
        let mut progress = interval_at(Instant::now() + PROGRESS, PROGRESS);
        while !share.resize(whole) {
            tokio::select! {
                () = sleep(MEMORY_RETRY) => {}
                _ = progress.tick() => self.progress().await?,
                () = sleep_until(deadline) => return Ok(Judged::failed(Failure::Deadline)),
            }
        }
        let task = Task {
            regime: Arc::clone(&held.regime),
            content: Content { file, rest: mem::take(&mut message.content), share },
            envelope: message.envelope(),
            queue: message.queue.clone(),
        };
        let mut waiting = self.state.judges.ask(task);
        loop {
            tokio::select! {
                biased;
                judged = &mut waiting => return Ok(judged.unwrap_or_else(|_| Judged::failed(Failure::Error))),
                () = sleep_until(deadline) => return Ok(Judged::failed(Failure::Deadline)),
                _ = progress.tick() => self.progress().await?,
            }
        }
    }

    async fn progress(&mut self) -> Result<(), End> {
        self.session.replies.progress();
        self.flush().await
    }

    /// Sends all replies, in one write.
    async fn flush(&mut self) -> Result<(), End> {
        if self.session.replies.bytes.is_empty() {
            return Ok(());
        }
        let replies = mem::take(&mut self.session.replies.bytes);
        match timeout(PATIENCE, self.stream.write(&replies)).await {
            Ok(written) => Ok(written?),
            Err(_) => Err(End::Lost),
        }
    }

    /// Waits for bytes and takes what is there.
    async fn read(&mut self) -> Result<(), End> {
        let until = self.patience.unwrap_or_else(|| Instant::now() + self.state.bounds.idle);
        loop {
            let is_stoppable = self.session.transaction.is_none();
            tokio::select! {
                ready = self.stream.readable() => ready?,
                () = sleep_until(until) => return Err(End::Lost),
                _ = self.stop.changed(), if is_stoppable => return Err(End::Done),
            }
            self.input.reserve(READ);
            match self.stream.read(&mut self.input) {
                Ok(0) => return Err(End::Lost),
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
