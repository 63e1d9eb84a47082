//! `presend learn boilerplate`: sent mail in, the paragraphs that recur across senders out, as keyed hashes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Args;

use super::super::{Outcome, complain, load_policy, print, today};
use crate::{error::Error, learn::boilerplate::Learner, source};

/// List the paragraphs that recur across senders: disclaimers and footers
///
/// The list holds keyed hashes and no text. Name it in presend.toml (boilerplate = "FILE"): what stands in such a paragraph counts as standing in a disclaimer.
#[derive(Args)]
#[command(
    after_help = "Example:\n  presend learn boilerplate --policy presend.toml -o boilerplate.toml sent/"
)]
pub(in crate::cmd) struct Boilerplate {
    /// Messages, folders, Maildirs, mboxes
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Where to write the list
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// How many senders a paragraph must have
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..))]
    senders: u16,
    /// The policy that will name the list; its fingerprint_key keys the hashes
    #[arg(long, value_name = "FILE", env = "PRESEND_POLICY")]
    policy: Option<PathBuf>,
}

impl Boilerplate {
    pub(in crate::cmd) fn run(self) -> Result<Outcome, Error> {
        let key = load_policy(self.policy.as_deref())?.fingerprint_key;
        let listing = source::find(&self.paths, false);
        let mut outcome = Outcome::Passes;
        for error in &listing.errors {
            complain(&error.to_string());
            outcome = Outcome::Failed;
        }
        let mut learner = Learner::new(key, usize::from(self.senders));
        for item in &listing.items {
            match item.read(learner.limit()) {
                Ok(raw) => learner.add(&raw),
                Err(error) => {
                    complain(&error.to_string());
                    outcome = Outcome::Failed;
                }
            }
        }
        let learned = learner.finish(&today());
        if learned.messages == 0 {
            return Err(Error::Usage(
                "no message with a sender to learn from; name the folder of sent mail".into(),
            ));
        }
        fs::write(&self.output, &learned.file).map_err(|error| Error::io(&self.output, error))?;
        let name = Path::new(&self.output).display();
        print(&format!("{name}: {} paragraphs from {} messages\n", learned.paragraphs, learned.messages))?;
        Ok(outcome)
    }
}
