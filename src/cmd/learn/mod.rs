//! `presend learn`: data for a policy from the mails of an organisation. One file per subcommand.

mod boilerplate;
mod lexicon;

use clap::Subcommand;

use super::Outcome;
use crate::error::Error;

/// Learn from mails that the organisation has sent, or that its auditor has refused
#[derive(Subcommand)]
pub(super) enum Learn {
    Lexicon(lexicon::Lexicon),
    Boilerplate(boilerplate::Boilerplate),
}

impl Learn {
    pub(super) fn run(self) -> Result<Outcome, Error> {
        match self {
            Learn::Lexicon(command) => command.run(),
            Learn::Boilerplate(command) => command.run(),
        }
    }
}
