//! `presend scan`: many messages, in parallel, each verdict a line, in path order.

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;

use super::{Choice, Common, Outcome, complain, width};
use crate::{
    Filter,
    error::Error,
    report::{
        json::{self, Json},
        summary::{self, Summary},
        text::Text,
    },
    source::{self, Item},
    verdict::{Detail, Envelope, Verdict},
};

/// Check every message of files, folders, Maildirs and mboxes
///
/// Prints one verdict a line, in path order. In a folder, files named .eml or .mbox and those that look like a message are taken.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  presend scan outbox/\n  presend scan archive.mbox --format jsonl --output verdicts.jsonl\n  presend scan ~/Maildir --fail-on reject -j 4"
)]
pub(super) struct Scan {
    /// Files, folders, Maildirs, mboxes; - for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Threads; all cores when missing
    #[arg(short = 'j', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Take every file of a folder, whatever it looks like
    #[arg(long)]
    all: bool,
    /// Progress on standard error; auto: on a terminal
    #[arg(long, value_enum, default_value_t = Choice::Auto)]
    progress: Choice,
    /// Write the verdicts to a file
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Text,
}

/// Messages judged before their lines are written, per thread: enough to keep all threads busy, few enough to hold.
const BATCH: usize = 256;

impl Scan {
    pub(super) fn run(self) -> Result<Outcome, Error> {
        let threads = self.threads.map_or(0, usize::from);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| Error::Usage(format!("cannot start threads: {error}; try a smaller -j")))?;
        // Compiling the policy and looking for messages take about as long.
        let (filter, listing) = pool.install(|| {
            rayon::join(|| self.common.filter(Detail::Places), || source::find(&self.paths, self.all))
        });
        let filter = filter?;
        for error in &listing.errors {
            complain(&error.to_string());
        }
        if listing.items.is_empty() {
            if listing.errors.is_empty() {
                let skipped = match listing.skipped {
                    0 => String::new(),
                    one => format!(" ({one} files do not look like one; --all takes every file)"),
                };
                let places: Vec<_> = self.paths.iter().map(|path| path.display().to_string()).collect();
                complain(&format!("nothing to scan: no message in {}{skipped}", places.join(", ")));
            }
            return Ok(Outcome::Failed);
        }
        let mut run = Run {
            summary: Summary::new(listing.skipped, listing.errors.len()),
            outcome: if listing.errors.is_empty() { Outcome::Passes } else { Outcome::Failed },
            progress: self.progress(listing.items.len()),
            stop: stop_on_interrupt(),
            scan: &self,
            filter: &filter,
            envelope: self.common.envelope(),
            text: self.text(io::stdout().is_terminal() && self.output.is_none()),
        };
        let written = run.all(&pool, &listing.items);
        run.progress.finish_and_clear();
        match written {
            Err(error) if super::is_closed_pipe(&error) => return Ok(run.outcome),
            other => other?,
        }
        run.finish(listing.items.len())
    }

    fn text(&self, terminal: bool) -> Text {
        Text {
            language: self.common.language(),
            colour: self.common.colour(terminal),
            show_matches: self.common.show_matches,
            explain: self.common.explain,
            width: width(),
        }
    }

    fn progress(&self, count: usize) -> ProgressBar {
        let shown = match self.progress {
            Choice::Always => true,
            Choice::Never => false,
            Choice::Auto => io::stderr().is_terminal(),
        };
        let target = if shown { ProgressDrawTarget::stderr_with_hz(8) } else { ProgressDrawTarget::hidden() };
        let style = ProgressStyle::with_template("{bar:30} {human_pos}/{human_len}  {per_sec}  {eta} left")
            .expect("the template is well-formed");
        let bar = ProgressBar::with_draw_target(Some(count as u64), target).with_style(style);
        bar.enable_steady_tick(Duration::from_millis(250));
        bar
    }

    fn output(&self) -> Result<Box<dyn Write + '_>, Error> {
        Ok(match &self.output {
            Some(path) => {
                Box::new(BufWriter::new(File::create(path).map_err(|error| Error::io(path, error))?))
            }
            None => Box::new(BufWriter::with_capacity(64 << 10, io::stdout().lock())),
        })
    }

    fn output_name(&self) -> PathBuf {
        self.output.clone().unwrap_or_else(|| "standard output".into())
    }
}

/// A scan under way.
struct Run<'s> {
    scan: &'s Scan,
    filter: &'s Filter,
    envelope: Envelope,
    text: Text,
    summary: Summary,
    outcome: Outcome,
    progress: ProgressBar,
    stop: Arc<AtomicBool>,
}

impl Run<'_> {
    /// Judges all items batch by batch, and writes the lines of a batch in order.
    fn all(&mut self, pool: &rayon::ThreadPool, items: &[Item]) -> Result<(), Error> {
        let mut out = self.scan.output()?;
        let name = self.scan.output_name();
        for batch in items.chunks(BATCH * pool.current_num_threads()) {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let judge = |item: &Item| self.judge(item);
            let batch: Vec<Judged> = pool.install(|| batch.par_iter().with_max_len(4).map(judge).collect());
            for judged in batch {
                self.take(&mut out, judged).map_err(|error| Error::io(&name, error))?;
            }
        }
        out.flush().map_err(|error| Error::io(&name, error))
    }

    /// Judges one message; a failure of ours costs this message and no other.
    fn judge(&self, item: &Item) -> Judged {
        let name = item.name();
        let result = item
            .read(self.filter.limits().message_bytes)
            .map_err(|error| error.to_string())
            .and_then(|raw| {
                if raw.iter().all(u8::is_ascii_whitespace) {
                    return Err(format!("{name}: is empty; there is nothing to judge"));
                }
                catch_unwind(AssertUnwindSafe(|| self.filter.check(&raw, &self.envelope)))
                    .map_err(|_| format!("{name}: not judged, because of the internal error above"))
            });
        self.progress.inc(1);
        let line = match (&result, self.scan.format) {
            (Ok(verdict), Format::Jsonl) => {
                let Text { language, show_matches, explain, .. } = self.text;
                let options = Json { language, show_matches, explain };
                json::line(&name, verdict, options) + "\n"
            }
            (Ok(verdict), Format::Text) => summary::line(&name, verdict, &self.text),
            (Err(_), _) => String::new(),
        };
        Judged { line, result }
    }

    fn take(&mut self, out: &mut dyn Write, judged: Judged) -> io::Result<()> {
        match judged.result {
            Ok(verdict) => {
                self.summary.add(&verdict);
                let outcome = self.scan.common.outcome(&verdict);
                if self.outcome == Outcome::Passes {
                    self.outcome = outcome;
                }
                out.write_all(judged.line.as_bytes())
            }
            Err(problem) => {
                self.summary.failed += 1;
                self.outcome = Outcome::Failed;
                self.progress.suspend(|| complain(&problem));
                Ok(())
            }
        }
    }

    /// The summary: behind the lines of text, or on standard error beside JSON.
    fn finish(self, count: usize) -> Result<Outcome, Error> {
        let mut table = Vec::new();
        self.summary.write(&mut table, &self.text).map_err(|error| Error::io("summary", error))?;
        let written = match (self.scan.format, &self.scan.output) {
            (Format::Text, None) => io::stdout().lock().write_all(&table),
            _ => io::stderr().lock().write_all(&table),
        };
        if written.is_err() {
            return Ok(self.outcome);
        }
        if self.stop.load(Ordering::Relaxed) {
            complain(&format!("stopped; {} of {count} messages were judged", self.summary.messages()));
            return Ok(Outcome::Failed);
        }
        Ok(self.outcome)
    }
}

/// A message's line and what it came to.
struct Judged {
    line: String,
    result: Result<Verdict, String>,
}

/// The first Ctrl-C ends the scan behind complete lines, the second at once.
fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Without the handlers a signal ends the program, which loses nothing but the summary.
        let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop));
        let _ = signal_hook::flag::register(signal, Arc::clone(&stop));
    }
    stop
}
