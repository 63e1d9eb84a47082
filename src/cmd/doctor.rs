//! `presend doctor`: the DNS of a sending domain, before mail bounces for it.

use std::{
    fs,
    io::{self, IsTerminal},
    net::{IpAddr, SocketAddr},
    path::Path,
};

use clap::{Args, ValueEnum};

use super::{Choice, LanguageChoice, Outcome, print, wants_colour, width};
use crate::{
    domain::{self, Provider, Question, Resolver, Status},
    error::Error,
    policy::Document,
    report::{self, text::Text},
};

/// Check SPF, MX, DKIM and DMARC of a sending domain
///
/// Says what is wrong, what to publish, how long until it works and how to verify it. Exit codes: 0 mail works (there may be warnings); 1 mail is lost or refused; 2
/// not everything could be asked.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  presend doctor example.com\n  presend doctor example.com --provider alimail --selector default\n  presend doctor example.com --resolver 223.5.5.5 --format json"
)]
pub(super) struct Doctor {
    /// The domain; an address of it will do
    #[arg(value_name = "DOMAIN")]
    domain: String,
    /// Provider whose records it should have: alimail, exmail, netease, feishu, google, microsoft, or a file that ends in .toml; else the one that its MX records
    /// name
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Edition of the provider's service; else the one that the records belong to. Of alimail: standard, enterprise, singapore, international, directmail
    #[arg(long, value_name = "NAME", requires = "provider")]
    edition: Option<String>,
    /// DKIM selector to look at; several: again, or with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    selector: Vec<String>,
    /// DNS server to ask, in place of the system's
    #[arg(long, value_name = "IP:PORT", value_parser = server)]
    resolver: Option<SocketAddr>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Language of the report; auto follows LC_ALL, LC_MESSAGES, LANG
    #[arg(long, value_enum, default_value_t = LanguageChoice::Auto)]
    lang: LanguageChoice,
    /// Colour; auto: on a terminal, unless NO_COLOR is set
    #[arg(long, value_enum, default_value_t = Choice::Auto)]
    color: Choice,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Doctor {
    pub(super) fn run(self) -> Result<Outcome, Error> {
        let domain = domain::domain(&self.domain).ok_or_else(|| {
            Error::Usage(format!("`{}` is no domain; write it as example.com", self.domain))
        })?;
        let provider = self.provider.as_deref().map(provider).transpose()?;
        let edition = match (&provider, &self.edition) {
            (Some(provider), Some(name)) => {
                Some(provider.edition_named(name).cloned().map_err(|remedy| {
                    Error::Usage(format!("{} has no edition `{name}`; {remedy}", provider.id))
                })?)
            }
            _ => None,
        };
        let question = Question { provider, edition, selectors: self.selector };
        let diagnosis = domain::examine(&domain, question, &resolver(self.resolver)?);
        let language = self.lang.resolve();
        let report = match self.format {
            Format::Json => report::domain::json(&diagnosis, language) + "\n",
            Format::Text => {
                let colour = wants_colour(self.color, io::stdout().is_terminal());
                let options = Text { language, colour, show_matches: false, explain: false, width: width() };
                report::domain::text(&diagnosis, &options)
            }
        };
        print(&report)?;
        Ok(if diagnosis.is_incomplete() {
            Outcome::Failed
        } else if diagnosis.status() == Status::Failure {
            Outcome::Objected
        } else {
            Outcome::Passes
        })
    }
}

/// The DNS, by this server or the system's.
pub(super) fn resolver(server: Option<SocketAddr>) -> Result<Resolver, Error> {
    Resolver::new(server).map_err(|error| Error::io("DNS resolver", error))
}

/// A provider that ships with presend, or one of a file.
fn provider(name: &str) -> Result<Provider, Error> {
    if name.ends_with(".toml") {
        let text = fs::read_to_string(name).map_err(|error| Error::io(Path::new(name), error))?;
        return Ok(Provider::parse(&Document::new(name, &text))?);
    }
    Provider::find(name).map_err(|remedy| Error::Usage(format!("no provider is called `{name}`; {remedy}")))
}

/// An address with or without a port.
pub(super) fn server(text: &str) -> Result<SocketAddr, String> {
    text.parse::<SocketAddr>()
        .or_else(|_| text.parse::<IpAddr>().map(|address| SocketAddr::new(address, 53)))
        .map_err(|_| "write it as 192.0.2.1:53 or [2001:db8::1]:53".to_owned())
}
