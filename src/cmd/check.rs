//! `presend check`: one message, for a person.

use std::{
    io::{self, IsTerminal},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use super::{Common, Outcome, doctor, print, width};
use crate::{
    Filter,
    domain::{self, Obstacle, Status},
    error::Error,
    message::Message,
    report::{
        json::{self, Json},
        text::{self, Text},
    },
    source,
    verdict::{Detail, Envelope},
};

/// Check one message before it is sent
///
/// Says whether the auditor would reject it, why, where, and what to change.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  presend check draft.eml\n  presend check --lang zh --policy presend.toml draft.eml\n  my-mailer --show | presend check -"
)]
pub(super) struct Check {
    /// The message; - or nothing: standard input
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Ask the DNS as well whether the mail would arrive: SPF, MX and DMARC of the sender's domain, MX of the recipients' domains; the names of these domains leave
    /// the machine
    #[arg(long)]
    online: bool,
    /// DNS server to ask, in place of the system's
    #[arg(long, value_name = "IP:PORT", value_parser = doctor::server, requires = "online")]
    resolver: Option<SocketAddr>,
    #[command(flatten)]
    common: Common,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

impl Check {
    pub(super) fn run(self) -> Result<Outcome, Error> {
        let path = match self.file {
            Some(file) => file,
            None if io::stdin().is_terminal() => {
                return Err(Error::Usage(
                    "no message given; name a file, or pipe a message in: presend check draft.eml".into(),
                ));
            }
            None => PathBuf::from("-"),
        };
        let filter = self.common.filter(Detail::Excerpts)?;
        let (name, raw) = read_one(&path, filter.limits().message_bytes)?;
        let envelope = self.common.envelope();
        let mut verdict = filter.check(&raw, &envelope);
        let mut unanswered = false;
        if self.online {
            let obstacles = obstacles(&filter, &raw, &envelope, self.resolver)?;
            unanswered = obstacles.iter().any(|obstacle| obstacle.finding.status() == Status::Unknown);
            verdict.add_obstacles(obstacles);
        }
        let language = self.common.language();
        let report = match self.format {
            Format::Json => {
                let (show_matches, explain) = (self.common.show_matches, self.common.explain);
                json::pretty(&name, &verdict, Json { language, show_matches, explain }) + "\n"
            }
            Format::Text => {
                let options = Text {
                    language,
                    colour: self.common.colour(io::stdout().is_terminal()),
                    show_matches: self.common.show_matches,
                    explain: self.common.explain,
                    width: width(),
                };
                let mut out = Vec::new();
                text::write(&mut out, &name, &verdict, &options)
                    .map_err(|error| Error::io("report", error))?;
                String::from_utf8_lossy(&out).into_owned()
            }
        };
        print(&report)?;
        Ok(if unanswered { Outcome::Failed } else { self.common.outcome(&verdict) })
    }
}

/// Domains of recipients that are asked about.
const RECIPIENTS: usize = 50;

/// What the DNS says stands in the way of a message.
fn obstacles(
    filter: &Filter,
    raw: &[u8],
    envelope: &Envelope,
    server: Option<SocketAddr>,
) -> Result<Vec<Obstacle>, Error> {
    let header = Message::parse(raw, filter.limits()).header;
    let sender = envelope.from.as_ref().or(header.from.as_ref());
    let sender = sender.and_then(|address| domain::domain(address));
    let addresses = if envelope.to.is_empty() { &header.recipients } else { &envelope.to };
    let mut recipients: Vec<String> = Vec::new();
    for name in addresses.iter().filter_map(|address| domain::domain(address)) {
        if recipients.len() < RECIPIENTS && !recipients.contains(&name) {
            recipients.push(name);
        }
    }
    Ok(domain::obstacles(sender.as_deref(), &recipients, &doctor::resolver(server)?))
}

/// The one message at `path`.
fn read_one(path: &Path, limit: usize) -> Result<(String, Vec<u8>), Error> {
    if path.is_dir() {
        return Err(Error::Usage(format!(
            "{}: is a folder; use `presend scan` for many messages",
            path.display()
        )));
    }
    let mut listing = source::find(&[path.to_path_buf()], true);
    if let Some(error) = listing.errors.pop() {
        return Err(error);
    }
    let item = match listing.items.as_slice() {
        [] => {
            return Err(Error::Usage(format!("{}: is empty; save the draft and try again", path.display())));
        }
        [item] => item,
        items => {
            let problem =
                format!("{}: holds {} messages; use `presend scan` for them", path.display(), items.len());
            return Err(Error::Usage(problem));
        }
    };
    let raw = item.read(limit)?;
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::Usage(format!("{}: is empty; save the draft and try again", item.name())));
    }
    Ok((item.name(), raw))
}
