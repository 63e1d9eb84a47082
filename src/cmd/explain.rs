//! `presend explain`: a returned message, or a line of an error, explained.

use std::{
    fs,
    io::{self, IsTerminal, Write as _},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{Choice, LanguageChoice, Outcome, complain, load_policy, print, wants_colour, width};
use crate::{
    Filter,
    bounce::{Cause, Diagnosis, Explainer, remembered::Remembered},
    error::Error,
    policy::Policy,
    report::{
        explanation::{Explanation, Table},
        json::Json,
        text::{self, Text},
    },
    source,
    verdict::{Detail, Envelope, Verdict},
};

/// Explain why a message came back
///
/// Takes a returned message as a file, a line of an error or of a mail log, or a folder or mailbox of returned messages. Says who did not get it, why, who can mend it,
/// how, and how to verify it. Exit code 0: the cause is known; 1: at least one is not, or is no bounce.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  presend explain bounce.eml\n  presend explain --text '550 failed to meet SPF requirements'\n  tail -n 100 /var/log/mail.log | presend explain -\n  presend explain --format jsonl bounces/"
)]
pub(super) struct Explain {
    /// The returned message, text or folder; - or nothing: standard input
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A line to explain in place of a file
    #[arg(long, value_name = "TEXT", conflicts_with = "files")]
    text: Option<String>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Keep in FILE who blocked us and who may not send outside; `remembered` of presend.toml names it
    #[arg(long, value_name = "FILE")]
    remember: Option<PathBuf>,
    /// Keep messages that were refused for their content in FOLDER, for `presend learn lexicon --positive FOLDER`
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Policy by which a message that came back is checked
    #[arg(long, value_name = "FILE", env = "PRESEND_POLICY")]
    policy: Option<PathBuf>,
    /// Language of the report; auto follows LC_ALL, LC_MESSAGES, LANG
    #[arg(long, value_enum, default_value_t = LanguageChoice::Auto)]
    lang: LanguageChoice,
    /// Show the values found in a message that came back, which are masked otherwise
    #[arg(long)]
    show_matches: bool,
    /// Colour; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_enum, default_value_t = Choice::Auto)]
    color: Choice,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Jsonl,
}

/// Bytes of a notice that are read.
const LONGEST: usize = 64 << 20;

/// What is explained: a name and bytes.
struct Given {
    name: String,
    raw: Vec<u8>,
}

impl Explain {
    pub(super) fn run(self) -> Result<Outcome, Error> {
        let explainer = Explainer::shipped();
        let mut session = Session {
            explainer: &explainer,
            filter: None,
            policy: self.policy.clone(),
            remembered: match &self.remember {
                Some(path) => Remembered::read(path, &read_text(path)?)?,
                None => Remembered::default(),
            },
            save: self.save.clone(),
            saved: Vec::new(),
        };
        let outcome = match self.text.clone() {
            Some(text) => self.one(&mut session, &Given { name: "--text".into(), raw: text.into_bytes() })?,
            None => self.files(&mut session)?,
        };
        if let Some(path) = &self.remember {
            fs::write(path, session.remembered.to_toml()).map_err(|error| Error::io(path, error))?;
        }
        session.write_outcomes()?;
        Ok(outcome)
    }

    fn files(&self, session: &mut Session<'_>) -> Result<Outcome, Error> {
        let mut paths = self.files.clone();
        if paths.is_empty() {
            if io::stdin().is_terminal() {
                let problem =
                    "no bounce given; name a file, or give its words: presend explain --text '550 ...'";
                return Err(Error::Usage(problem.into()));
            }
            paths.push(PathBuf::from("-"));
        }
        let mut listing = source::find(&paths, false);
        let many = paths.len() > 1 || listing.items.len() > 1 || paths[0].is_dir();
        if let Some(error) = listing.errors.pop() {
            return Err(error);
        }
        let given = |item: &source::Item| -> Result<Given, Error> {
            Ok(Given { name: item.name(), raw: item.read(LONGEST)? })
        };
        match listing.items.as_slice() {
            [] if many => {
                let problem = "no message is in it; folders are searched for .eml and .mbox files";
                Err(Error::Usage(format!("{}: {problem}", paths[0].display())))
            }
            [] => {
                Err(Error::Usage(format!("{}: is empty; save the bounce and try again", paths[0].display())))
            }
            [item] if !many => self.one(session, &given(item)?),
            items => self.many(session, items.iter().map(given)),
        }
    }

    /// One notice, in full.
    fn one(&self, session: &mut Session<'_>, given: &Given) -> Result<Outcome, Error> {
        if given.raw.iter().all(u8::is_ascii_whitespace) {
            return Err(Error::Usage(format!("{}: is empty; save the bounce and try again", given.name)));
        }
        let (diagnosis, original) = session.explain(given)?;
        let explainer = session.explainer;
        let explanation =
            Explanation { name: &given.name, diagnosis: &diagnosis, explainer, original: original.as_ref() };
        match self.format {
            Format::Json => print(&(explanation.pretty(self.json()) + "\n"))?,
            Format::Jsonl => print(&(explanation.json(self.json()) + "\n"))?,
            Format::Text => {
                let mut out = Vec::new();
                let options = self.options();
                let written = explanation.write(&mut out, &options).and_then(|()| match &original {
                    Some(verdict) => text::write(&mut out, &given.name, verdict, &options),
                    None => Ok(()),
                });
                written.map_err(|error| Error::io("report", error))?;
                print(&String::from_utf8_lossy(&out))?;
            }
        }
        Ok(outcome(&diagnosis))
    }

    /// Many notices: a line each, or the table of their causes.
    fn many(
        &self,
        session: &mut Session<'_>,
        items: impl Iterator<Item = Result<Given, Error>>,
    ) -> Result<Outcome, Error> {
        let (explainer, mut table, mut all) = (session.explainer, Table::default(), Outcome::Passes);
        let mut messages = Vec::new();
        for given in items {
            let given = match given {
                Ok(given) => given,
                Err(error) => {
                    complain(&error.to_string());
                    all = Outcome::Failed;
                    continue;
                }
            };
            let (diagnosis, original) = session.explain(&given)?;
            if all == Outcome::Passes {
                all = outcome(&diagnosis);
            }
            table.add(&given.name, &diagnosis);
            let explanation = Explanation {
                name: &given.name,
                diagnosis: &diagnosis,
                explainer,
                original: original.as_ref(),
            };
            match self.format {
                Format::Jsonl => print(&(explanation.json(self.json()) + "\n"))?,
                Format::Json => {
                    let line = explanation.json(self.json());
                    messages
                        .push(serde_json::from_str::<serde_json::Value>(&line).expect("it was just written"));
                }
                Format::Text => {}
            }
        }
        match self.format {
            Format::Text => {
                let mut out = Vec::new();
                table
                    .write(&mut out, &self.options(), explainer)
                    .map_err(|error| Error::io("report", error))?;
                print(&String::from_utf8_lossy(&out))?;
            }
            Format::Json => {
                let causes = table.json(self.lang.resolve(), explainer);
                let document = serde_json::json!({ "schema": 1, "causes": causes, "messages": messages });
                let text = serde_json::to_string_pretty(&document).expect("a tree of strings and numbers");
                print(&(text + "\n"))?;
            }
            Format::Jsonl => {}
        }
        Ok(all)
    }

    fn json(&self) -> Json {
        Json { language: self.lang.resolve(), show_matches: self.show_matches, explain: false }
    }

    fn options(&self) -> Text {
        let terminal = io::stdout().is_terminal();
        Text {
            language: self.lang.resolve(),
            colour: wants_colour(self.color, terminal),
            show_matches: self.show_matches,
            explain: false,
            width: width(),
        }
    }
}

/// What one run holds.
struct Session<'s> {
    explainer: &'s Explainer,
    /// Compiled for the first message that came back for its content.
    filter: Option<Filter>,
    policy: Option<PathBuf>,
    remembered: Remembered,
    save: Option<PathBuf>,
    /// Lines of the outcomes that were saved.
    saved: Vec<String>,
}

impl Session<'_> {
    /// Explains one notice, checks what came back with it, and keeps what is to be kept.
    fn explain(&mut self, given: &Given) -> Result<(Diagnosis, Option<Verdict>), Error> {
        let diagnosis = self.explainer.explain(&given.raw);
        self.remembered.learn(&diagnosis);
        let original = diagnosis.original.as_ref().filter(|_| diagnosis.cause.is_content());
        let verdict = match original {
            Some(original) => {
                self.keep(&diagnosis, original)?;
                Some(self.filter()?.check(original, &Envelope::default()))
            }
            None => None,
        };
        Ok((diagnosis, verdict))
    }

    fn filter(&mut self) -> Result<&Filter, Error> {
        if self.filter.is_none() {
            let policy: Policy = load_policy(self.policy.as_deref())?;
            for warning in &policy.warnings {
                complain(warning);
            }
            self.filter = Some(Filter::new(policy, Detail::Excerpts)?);
        }
        Ok(self.filter.as_ref().expect("it was just made"))
    }

    /// Keeps a message that was refused for its content, with what became of it.
    fn keep(&mut self, diagnosis: &Diagnosis, original: &[u8]) -> Result<(), Error> {
        let Some(folder) = &self.save else { return Ok(()) };
        fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
        let name = format!("{}.eml", &blake3::hash(original).to_hex()[..24]);
        let path = folder.join(&name);
        // The same message comes back once for every recipient.
        if !path.exists() {
            fs::write(&path, original).map_err(|error| Error::io(&path, error))?;
            let status = diagnosis.main().and_then(|failure| failure.status).map(|status| status.to_string());
            let line = serde_json::json!({ "file": name, "outcome": "refused", "cause": diagnosis.cause.as_str(), "status": status });
            self.saved.push(line.to_string());
        }
        Ok(())
    }

    /// Adds the outcomes of this run to those that are kept.
    fn write_outcomes(&self) -> Result<(), Error> {
        let Some(folder) = self.save.as_ref().filter(|_| !self.saved.is_empty()) else { return Ok(()) };
        let path = folder.join("outcomes.jsonl");
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|error| Error::io(&path, error))?;
        let text = self.saved.join("\n") + "\n";
        file.write_all(text.as_bytes()).map_err(|error| Error::io(&path, error))
    }
}

fn outcome(diagnosis: &Diagnosis) -> Outcome {
    match diagnosis.cause {
        Cause::Unknown | Cause::NotABounce => Outcome::Objected,
        _ => Outcome::Passes,
    }
}

/// The text of a file that may not be there yet.
fn read_text(path: &Path) -> Result<String, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(Error::io(path, error)),
    }
}
