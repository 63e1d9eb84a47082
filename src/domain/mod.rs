//! The DNS of a sending domain in, a [`Diagnosis`] out: SPF, MX, DKIM, DMARC, each with what was found, what is wrong, and what to publish.
//!
//! The checks ask through [`Dns`] and know no network; what each finding says, and how bad it is, stands in `policies/doctor.toml`, what providers ask for in
//! `policies/providers/`. A question that got no answer is a finding of its own and never counts as in order.

mod dkim;
mod dmarc;
mod dns;
mod mx;
mod name;
mod provider;
mod resolve;
mod spf;
#[cfg(test)]
mod tests;
mod words;

pub use self::{
    dns::{Answer, Dns, Failure, Kind, Record, Records},
    name::domain,
    provider::{Edition, Exchange, Provider},
    resolve::Resolver,
    words::{Status, say},
};

/// What is asked of a domain.
#[derive(Debug, Default)]
pub struct Question {
    /// The provider whose records it should have; else the one that its mail exchangers belong to.
    pub provider: Option<Provider>,
    /// The edition of it; else the one that its records belong to.
    pub edition: Option<Edition>,
    /// DKIM selectors to look at.
    pub selectors: Vec<String>,
}

/// What was found.
#[derive(Debug)]
pub struct Diagnosis {
    /// The domain.
    pub domain: String,
    /// The provider that it was judged by, and its edition.
    pub provider: Option<(Provider, Edition)>,
    /// One for each subject.
    pub checks: Vec<Check>,
}

/// What was found on one subject.
#[derive(Clone, Debug)]
pub struct Check {
    /// The subject.
    pub subject: Subject,
    /// The name that the record is at.
    pub name: String,
    /// The records, as they are written.
    pub found: Vec<String>,
    /// What there is to say of them; none where all is in order.
    pub findings: Vec<Finding>,
    /// What to publish instead.
    pub publish: Option<Publish>,
    /// Seconds for which caches keep what was found.
    pub ttl: Option<u32>,
    /// Look-ups that the SPF record costs.
    pub lookups: Option<usize>,
}

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Who may send for the domain.
    Spf,
    /// Who receives for it.
    Mx,
    /// Keys of its signatures.
    Dkim,
    /// What becomes of mail that is not its own.
    Dmarc,
}

/// Something to say about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// As in `policies/doctor.toml`.
    pub id: &'static str,
    /// What its words are filled with.
    pub values: Vec<(&'static str, String)>,
}

/// Records to publish, in place of all others of their kind and purpose at that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// The name, without the last dot.
    pub name: String,
    /// TXT or MX.
    pub kind: &'static str,
    /// The records, one each.
    pub values: Vec<String>,
}

/// What stands in the way of a mail's delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obstacle {
    /// The domain that it is about.
    pub domain: String,
    /// What it is about.
    pub subject: Subject,
    /// What was found.
    pub finding: Finding,
}

/// Whose records a domain should have.
struct Expected<'p> {
    provider: &'p Provider,
    edition: &'p Edition,
    /// Whether the user said so; else it is told by what the domain publishes.
    is_named: bool,
}

/// Examines a domain; its name is as [`domain`] gives it.
pub fn examine(domain: &str, question: Question, dns: &dyn Dns) -> Diagnosis {
    let mut mx = mx::Mx::read(domain, dns);
    let mut spf = spf::Spf::read(domain, dns);
    // Some servers deny a name where it only lacks records of one kind.
    if spf.has_texts() || !mx.hosts().is_empty() {
        mx.assume_existence();
        spf.assume_existence();
    }
    let (hosts, included) = (mx.hosts(), spf.included());
    let providers = Provider::shipped();
    let is_named = question.provider.is_some();
    let provider = question.provider.or_else(|| told_by(&hosts, &included, &providers).cloned());
    let provider = provider.map(|provider| {
        let edition = question.edition.unwrap_or_else(|| provider.edition(&hosts, &included).clone());
        (provider, edition)
    });
    let expected = provider.as_ref().map(|(provider, edition)| Expected { provider, edition, is_named });
    let sender = told_by(&[], &included, &providers).filter(|_| provider.is_none());
    let exists = !spf.is_of_nobody();
    let mut checks = vec![spf.check(expected.as_ref()), mx.check(expected.as_ref(), &providers)];
    if let Some(sender) = sender.filter(|_| checks[1].status() == Status::Ok) {
        checks[1].find("mx.not-of-sender", &[("provider", &sender.id), ("hosts", &hosts.join(", "))]);
    }
    checks.extend(question.selectors.iter().map(|selector| dkim::check(domain, selector, dns)));
    // The policy of a domain that does not exist is nobody's concern.
    if exists {
        checks.push(dmarc::check(domain, dns));
    }
    Diagnosis { domain: domain.to_owned(), provider, checks }
}

/// What stands in the way of mail from one domain to others.
pub fn obstacles(sender: Option<&str>, recipients: &[String], dns: &dyn Dns) -> Vec<Obstacle> {
    let mut found: Vec<Obstacle> = Vec::new();
    let mut take = |domain: &str, check: Check| {
        for finding in check.findings {
            // That nobody answers about a domain, or that it does not exist, is said once and not for each kind of record.
            let is_said = |have: &Obstacle| have.domain == domain && have.finding.id == finding.id;
            let is_repeated = finding.id.starts_with("dns.") && found.iter().any(is_said);
            if finding.status() != Status::Ok && !is_repeated {
                found.push(Obstacle { domain: domain.to_owned(), subject: check.subject, finding });
            }
        }
    };
    if let Some(sender) = sender {
        for check in examine(sender, Question::default(), dns).checks {
            take(sender, check);
        }
    }
    for recipient in recipients.iter().filter(|recipient| Some(recipient.as_str()) != sender) {
        take(recipient, mx::receives(recipient, dns));
    }
    found
}

/// The shipped provider that a domain uses: told by its mail exchangers, or by its SPF record where it has none.
fn told_by<'p>(hosts: &[String], included: &[String], providers: &'p [Provider]) -> Option<&'p Provider> {
    let receives = |provider: &&Provider| hosts.iter().any(|host| provider.owns(host));
    let sends = |provider: &&Provider| {
        let wants = |edition: &Edition| edition.includes().iter().any(|domain| included.contains(domain));
        provider.editions.iter().any(wants)
    };
    if hosts.is_empty() { providers.iter().find(sends) } else { providers.iter().find(receives) }
}

impl Diagnosis {
    /// The worst of all checks.
    pub fn status(&self) -> Status {
        self.checks.iter().map(Check::status).max().unwrap_or(Status::Ok)
    }

    /// Whether some question got no answer.
    pub fn is_incomplete(&self) -> bool {
        let unknown =
            |check: &Check| check.findings.iter().any(|finding| finding.status() == Status::Unknown);
        self.checks.iter().any(unknown)
    }
}

impl Check {
    fn new(subject: Subject, name: &str) -> Check {
        Check {
            subject,
            name: name.to_owned(),
            found: Vec::new(),
            findings: Vec::new(),
            publish: None,
            ttl: None,
            lookups: None,
        }
    }

    /// The worst of its findings.
    pub fn status(&self) -> Status {
        self.findings.iter().map(Finding::status).max().unwrap_or(Status::Ok)
    }

    fn find(&mut self, id: &'static str, values: &[(&'static str, &str)]) {
        let finding = Finding::new(id, values);
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn fail(&mut self, failure: Failure, name: &str) {
        self.find(failure.id(), &[("name", name)]);
    }
}

impl Finding {
    fn new(id: &'static str, values: &[(&'static str, &str)]) -> Finding {
        Finding { id, values: values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect() }
    }
}

impl Subject {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Subject::Spf => "spf",
            Subject::Mx => "mx",
            Subject::Dkim => "dkim",
            Subject::Dmarc => "dmarc",
        }
    }
}

/// The tags of a record of the form `a=b; c=d` (RFC 6376 3.2); `None` where it has another.
fn tags(record: &str) -> Option<Vec<(String, String)>> {
    let parts = record.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=')?;
            let name = name.trim();
            let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            is_name.then(|| (name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect()
}
