//! `presend learn lexicon`: approved and refused mail in, a file of weighted terms out.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal as _;

use super::super::{Outcome, complain, load_policy, print};
use crate::{
    error::Error,
    learn::lexicon::{Learner, Origin, Phrases, Sample, Task, weights},
    policy::{Category, Document, words},
    source::{self, Item},
};

/// Learn the words that tell refused mail from approved mail
///
/// Writes a file of weighted terms, for `lexicons` of presend.toml. Each PATH is a source: sources count alike, and the report says of each how well the
/// others teach to judge it. NAME=PATH names a source; paths of one name are one source. Folders within a source are its kinds of mail.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  presend learn lexicon --category advertising --positive refused/ --negative sent/ -o words.tsv\n  presend learn lexicon --category advertising --positive 2025=r25.mbox 2026=r26.mbox --negative 2025=s25.mbox 2026=s26.mbox -o words.tsv"
)]
pub(in crate::cmd) struct Lexicon {
    /// What the refused mail violates: advertising, pii, confidential or secret
    #[arg(long, value_name = "CATEGORY", value_parser = category)]
    category: Category,
    /// Mail that was refused: files, folders, Maildirs, mboxes
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    positive: Vec<PathBuf>,
    /// Mail that was approved
    #[arg(long, value_name = "PATH", required = true, num_args = 1..)]
    negative: Vec<PathBuf>,
    /// Where the terms go
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Policy of the organisation: its rules are known, the terms add to them
    #[arg(long, value_name = "FILE", env = "PRESEND_POLICY")]
    policy: Option<PathBuf>,
    /// A rule whose place the terms take
    #[arg(long, value_name = "RULE", num_args = 1..)]
    replace: Vec<String>,
    /// A file of terms with weights that the fit starts from
    #[arg(long, value_name = "FILE")]
    given: Option<PathBuf>,
    /// A file of phrases that are never learned, one a line
    #[arg(long, value_name = "FILE")]
    exclude: Option<PathBuf>,
    /// How many terms to learn at most
    #[arg(long, value_name = "N", default_value_t = 1000)]
    terms: usize,
    /// Fit the weights of the policy's rules of the category too, and report them as factors
    #[arg(long)]
    rules: bool,
}

/// Fewer messages of either kind teach nothing.
const FEWEST: usize = 20;

/// A message to learn from, and where it comes from.
struct Lesson {
    item: Item,
    origin: Origin,
}

impl Lexicon {
    pub(in crate::cmd) fn run(self) -> Result<Outcome, Error> {
        let read = |path: &Path| fs::read_to_string(path).map_err(|error| Error::io(path, error));
        let given = match &self.given {
            Some(path) => {
                let mut terms = words::parse(&Document::new(&path.display().to_string(), &read(path)?))?;
                let is_alone = terms.iter().all(|term| term.given.is_none());
                terms.retain(|term| is_alone || term.given.is_some());
                for term in &mut terms {
                    term.given = term.given.or(Some(term.weight));
                }
                terms
            }
            None => Vec::new(),
        };
        let exclude = match &self.exclude {
            Some(path) => {
                read(path)?.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
            }
            None => Vec::new(),
        };
        let task = Task {
            category: self.category,
            replace: self.replace.clone(),
            given,
            exclude,
            terms: self.terms,
            rules: self.rules,
        };
        let learner = Learner::new(load_policy(self.policy.as_deref())?, task)?;
        let mut sources = Sources::default();
        sources.add(&self.positive, true)?;
        sources.add(&self.negative, false)?;
        let [negative, positive] = [false, true].map(|kind| sources.count(kind));
        if positive < FEWEST || negative < FEWEST {
            return Err(Error::Usage(format!(
                "{positive} messages that were refused and {negative} that were approved; give at least {FEWEST} of each"
            )));
        }
        let report = sources.teach(&learner)?;
        let text = report.file(&self.head(&sources, positive, negative));
        fs::write(&self.output, text).map_err(|error| Error::io(&self.output, error))?;
        print(&report.table())?;
        Ok(Outcome::Passes)
    }

    /// What the file says of itself.
    fn head(&self, sources: &Sources, positive: usize, negative: usize) -> String {
        let names: Vec<String> = sources
            .names
            .iter()
            .enumerate()
            .map(|(number, name)| {
                let count = |kind: bool| {
                    let is = |lesson: &&Lesson| {
                        lesson.origin.source as usize == number && lesson.origin.is_positive == kind
                    };
                    sources.lessons.iter().filter(is).count()
                };
                format!("{name} ({} refused, {} approved)", count(true), count(false))
            })
            .collect();
        format!(
            "Weighted terms: term, log-odds, and the weight that a person gave it where one did (all others are learned).\nMade by `presend learn lexicon --category {}` from {positive} refused and {negative} approved messages:\n{}.",
            self.category.as_str(),
            names.join(", ")
        )
    }
}

fn category(text: &str) -> Result<Category, String> {
    let known = Category::JUDGED.into_iter().find(|category| category.as_str() == text);
    known.ok_or_else(|| "use advertising, pii, confidential or secret".to_owned())
}

/// The messages by source and kind.
#[derive(Default)]
struct Sources {
    names: Vec<String>,
    groups: BTreeMap<(u32, PathBuf), u32>,
    lessons: Vec<Lesson>,
}

impl Sources {
    fn add(&mut self, paths: &[PathBuf], is_positive: bool) -> Result<(), Error> {
        for path in paths {
            let (name, path) = named(path);
            let source = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
                self.names.push(name);
                self.names.len() - 1
            }) as u32;
            let listing = source::find(std::slice::from_ref(&path), false);
            if let Some(error) = listing.errors.into_iter().next() {
                return Err(error);
            }
            if listing.items.is_empty() {
                let problem = "no message is in it; folders are searched for .eml and .mbox files";
                return Err(Error::Usage(format!("{}: {problem}", path.display())));
            }
            for item in listing.items {
                let folder = item.path.parent().unwrap_or(Path::new("")).to_path_buf();
                let next = self.groups.len() as u32;
                let group = *self.groups.entry((source, folder)).or_insert(next);
                self.lessons.push(Lesson { item, origin: Origin { source, group, is_positive } });
            }
        }
        Ok(())
    }

    fn count(&self, kind: bool) -> usize {
        self.lessons.iter().filter(|lesson| lesson.origin.is_positive == kind).count()
    }

    /// Both passes over the messages, and the fit.
    fn teach(&self, learner: &Learner) -> Result<crate::learn::lexicon::Report, Error> {
        let bar = progress(2 * self.lessons.len() as u64);
        let weights = weights(self.lessons.iter().map(|lesson| lesson.origin));
        let (mut phrases, mut samples) = (Phrases::default(), Vec::<Sample>::new());
        for (lesson, weight) in self.lessons.iter().zip(&weights) {
            let raw = crate::samples::fill(&lesson.item.read(LONGEST)?);
            samples.push(learner.read(&raw, lesson.origin, *weight, &mut phrases));
            bar.inc(1);
        }
        let candidates =
            learner.candidates(phrases, self.lessons.len(), weights.iter().sum::<f64>() / 2.0)?;
        for (lesson, sample) in self.lessons.iter().zip(&mut samples) {
            let raw = crate::samples::fill(&lesson.item.read(LONGEST)?);
            learner.find(&candidates, &raw, sample);
            bar.inc(1);
        }
        bar.finish_and_clear();
        if self.names.len() == 1 {
            complain("one source alone cannot tell how the terms do on other mail; name several");
        }
        Ok(learner.fit(&candidates, &samples, &self.names))
    }
}

/// Bytes of a message that are read.
const LONGEST: usize = 4 << 20;

/// The name of a source and its path: `NAME=PATH`, or a path that is its own name.
fn named(argument: &Path) -> (String, PathBuf) {
    let text = argument.as_os_str().to_str();
    match text.and_then(|text| text.split_once('=')) {
        Some((name, path)) if !name.is_empty() && !argument.exists() => (name.to_owned(), path.into()),
        _ => (argument.display().to_string(), OsStr::new(argument).into()),
    }
}

fn progress(messages: u64) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(messages), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} messages read").expect("the template is right");
    bar.with_style(style)
}
