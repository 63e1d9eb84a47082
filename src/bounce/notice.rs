//! A message or a text in, its [`Diagnosis`] out: whether it is a notice at all, and the evidence for each of its failures.

use std::borrow::Cow;

use super::{
    Cause, Diagnosis, Explainer, Kind, address,
    diagnosis::Evidence,
    event,
    layout::{Named, Role},
    log,
    report::{Group, Report},
    section::{self, Fields, Sections},
    status,
};
use crate::{
    message::{self, FieldKind, Limits, Message},
    span::floor_boundary,
};

/// Notices within notices.
const DEPTH: usize = 3;

/// Bytes of a text without a header that are looked at.
const TEXT: usize = 1 << 20;

/// What the header of a message says.
struct Head {
    subject: String,
    /// From, as it stands there, lower case.
    from: String,
    /// Whom the message is addressed to: of a notice, the sender of what came back.
    to: Vec<String>,
    /// X-Failed-Recipients.
    failed: Vec<String>,
    /// Whether the envelope sender is empty.
    null_sender: bool,
    /// Whether it says that a program sent it (RFC 3834).
    is_automatic: bool,
    /// Whether it came over a mailing list.
    is_list: bool,
}

impl Head {
    /// The addresses of the mail itself.
    fn own(&self) -> Vec<String> {
        let from = address::all(&self.from).map(|span| span.of_str(&self.from).to_owned());
        from.chain(self.to.iter().cloned()).collect()
    }
}

impl Explainer {
    /// Explains what may be a notice, at some depth within others.
    pub(super) fn diagnose(&self, raw: &[u8], depth: usize) -> Diagnosis {
        let (fields, body) = Fields::read(raw);
        if !is_mail(&fields) {
            let text = message::text_of(&raw[..raw.len().min(TEXT)]);
            return self.of_text(&text, &[]);
        }
        let sections = section::split(raw, &self.markup);
        let head = head(&raw[..body], &sections.header);
        let (end, start) = self.words.end_of_notice(&sections.text);
        let notice = &sections.text[..end];
        let embedded = start.map(|start| &sections.text.as_bytes()[start..]);
        let original: Option<Cow<'_, [u8]>> =
            sections.original.clone().or_else(|| embedded.map(|bytes| Cow::Owned(bytes.to_vec())));
        let report = read_report(&sections, notice);
        let is_notice = self.is_notice(&head, &sections, &report, notice);
        let mut diagnosis = if is_notice {
            self.of_notice(&head, &report, notice, original.as_deref())
        } else {
            Diagnosis::none()
        };
        if !is_notice && let Some(start) = start.filter(|_| self.is_forwarded(&head)) {
            let forwarded = self.of_text(&sections.text[start..], &head.own());
            if forwarded.kind == Kind::Line {
                return Diagnosis { kind: Kind::Bounce, ..forwarded };
            }
        }
        // A notice may be returned, forwarded or wrapped in another.
        let says_nothing =
            diagnosis.failures.iter().all(|f| f.cause == Cause::Unknown && f.smtp_code.is_none());
        if says_nothing
            && depth < DEPTH
            && let Some(inner) = original.as_deref()
        {
            let inner = self.diagnose(inner, depth + 1);
            let is_better = !inner.recipients().is_empty() && inner.cause != Cause::Unknown;
            if !matches!(inner.kind, Kind::Other | Kind::Line) && (is_better || !is_notice) {
                return inner;
            }
        }
        if is_notice && diagnosis.cause != Cause::NotABounce {
            diagnosis.reporter =
                Some(report.reporter).filter(|name| !name.is_empty()).or_else(|| reporter(&head.from));
            let original_head = original.as_deref().map(own_head);
            diagnosis.sender = original_head.and_then(|(from, _)| from).or_else(|| head.to.first().cloned());
            // The header alone can be judged by nobody.
            diagnosis.original = original
                .filter(|original| {
                    let (fields, body) = Fields::read(original);
                    is_mail(&fields) && !original[body..].trim_ascii().is_empty()
                })
                .map(Cow::into_owned);
        }
        diagnosis
    }

    /// Whether a message is a notice that something was not delivered.
    fn is_notice(&self, head: &Head, sections: &Sections<'_>, report: &Report, notice: &str) -> bool {
        if !report.groups.is_empty() || !head.failed.is_empty() {
            return true;
        }
        if sections.other_report {
            return false;
        }
        let declared = sections.header.text("content-type").to_ascii_lowercase();
        let subject = head.subject.to_lowercase();
        let start = notice[..floor_boundary(notice, notice.len().min(8000))].to_lowercase();
        let any = |words: &[String], text: &str| words.iter().any(|word| text.contains(word.as_str()));
        let is_answer =
            ["re:", "fw:", "fwd:", "回复", "答复", "转发"].iter().any(|word| subject.starts_with(word));
        let has_code = status::replies(&start).next().is_some() || status::all(&start).next().is_some();
        let is_daemon = any(&self.words.daemon, &head.from) || head.from.trim() == "<>";
        let is_declared = declared.contains("delivery-status");
        let (in_subject, in_body) = (any(&self.words.subject, &subject), any(&self.words.body, &start));
        let mut score = 0;
        score += if is_daemon { 2 } else { 0 };
        score += if head.null_sender { 1 } else { 0 };
        score += if head.is_automatic { 1 } else { 0 };
        score += if in_subject { 2 } else { 0 };
        score += if in_body { 2 } else { 0 };
        score += if has_code { 1 } else { 0 };
        score += if is_declared { 4 } else { 0 };
        score -= if is_answer { 2 } else { 0 };
        // Greetings of people's mailboxes; a subject that is quoted in the notice of a failure is none.
        score -= if any(&self.words.automatic, &subject) { 4 } else { 0 };
        // People write about bounces, too: something must show that a mail system wrote it.
        let is_of_system = is_daemon || head.null_sender || is_declared || in_subject;
        let says = in_subject || in_body || is_declared;
        score >= 3 && is_of_system && says || self.is_refusal(&start, head)
    }

    /// Whether somebody forwards a notice in the text of a mail.
    fn is_forwarded(&self, head: &Head) -> bool {
        let subject = head.subject.to_lowercase();
        ["fw:", "fwd:", "转发", "轉寄", "wg:", "tr:", "rv:"].iter().any(|word| subject.starts_with(word))
            && self.words.subject.iter().any(|word| subject.contains(word.as_str()))
    }

    /// Whether a short mail of a mailbox for administration says in words of high rank that a message was refused: mailing lists and filters
    /// send such notices, not by the standards.
    fn is_refusal(&self, start: &str, head: &Head) -> bool {
        let is_program = ["admin", "owner", "daemon", "postmaster", "mailfilter"]
            .iter()
            .any(|word| head.from.contains(word));
        let speaks_of_mail = ["mail", "message", "邮件", "郵件"].iter().any(|word| start.contains(word));
        let is_short = start.len() < 1500 && !head.is_list;
        is_program
            && is_short
            && speaks_of_mail
            && self.patterns.best(&super::fold::fold(start)).is_some_and(|known| known.rank >= 8)
    }

    /// The failures that a notice tells of.
    fn of_notice(&self, head: &Head, report: &Report, notice: &str, original: Option<&[u8]>) -> Diagnosis {
        let failing: Vec<&Group> = report.groups.iter().filter(|group| !is_success(group)).collect();
        if failing.is_empty() && !report.groups.is_empty() {
            return Diagnosis::none();
        }
        let own: Vec<String> = head.to.clone();
        let named = self.words.named(notice, &own);
        let whole = format!("{}\n{notice}", head.subject);
        let mut evidence: Vec<Evidence<'_>> = Vec::new();
        if !failing.is_empty() {
            for group in &failing {
                let recipient = group.recipient.clone().or_else(|| group.original.clone());
                let about = named.iter().find(|named| {
                    [&group.recipient, &group.original]
                        .into_iter()
                        .flatten()
                        .any(|address| address.eq_ignore_ascii_case(&named.address))
                });
                let alone = if failing.len() == 1 { named.first() } else { None };
                let recipient = recipient
                    .or_else(|| alone.map(|named| named.address.clone()))
                    .or_else(|| head.failed.first().cloned());
                evidence.push(Evidence {
                    recipient,
                    group: (*group).clone(),
                    about: about.or(alone).map_or("", |named| named.about.of_str(notice)),
                    whole: if failing.len() == 1 { &whole } else { common(&whole, notice, &named) },
                });
            }
        } else {
            let (_, to) = original.map(own_head).unwrap_or_default();
            for (recipient, about) in recipients(&named, head, &to, notice) {
                evidence.push(Evidence {
                    recipient: Some(recipient),
                    about,
                    whole: &whole,
                    ..Evidence::default()
                });
            }
            let several = evidence.len() > 1;
            if evidence.is_empty() {
                evidence.push(Evidence { whole: &whole, ..Evidence::default() });
            }
            if several {
                let common = common(&whole, notice, &named);
                let says = evidence.iter().any(|evidence| status::replies(evidence.about).next().is_some());
                evidence.iter_mut().filter(|_| says).for_each(|evidence| evidence.whole = common);
            }
        }
        // A notice may name a recipient twice: as a report and as an address that it was expanded to.
        evidence.dedup_by(|a, b| a.recipient.is_some() && a.recipient == b.recipient);
        let late = failing.iter().all(|group| group.action == "delayed") && !failing.is_empty()
            || failing.is_empty() && is_late(head, notice);
        let mut failures: Vec<_> = evidence.iter().map(|evidence| self.judge(evidence)).collect();
        if late {
            for failure in &mut failures {
                failure.permanent = Some(false);
            }
        }
        Diagnosis::of(if late { Kind::Delay } else { Kind::Bounce }, failures)
    }

    /// Explains a text that is no message: a line of an error, lines of a log, a notice without its header. `own` are the addresses of whoever gives it.
    fn of_text(&self, text: &str, own: &[String]) -> Diagnosis {
        let mut groups = event::report(text).map(|report| report.groups).unwrap_or_default();
        if groups.is_empty() {
            groups = log::entries(text);
        }
        if groups.is_empty() {
            groups = Report::read(text).groups;
        }
        let failing: Vec<&Group> = groups.iter().filter(|group| !is_success(group)).collect();
        if failing.is_empty() && !groups.is_empty() {
            return Diagnosis::none();
        }
        let (end, _) = self.words.end_of_notice(text);
        let notice = &text[..end];
        let named = self.words.named(notice, own);
        let mut evidence = Vec::new();
        for group in failing {
            let recipient = group.recipient.clone().or_else(|| group.original.clone());
            evidence.push(Evidence { recipient, group: group.clone(), ..Evidence::default() });
        }
        if evidence.is_empty() {
            for (index, named) in named.iter().enumerate() {
                let alone = named.role != Role::OwnLine;
                let about = if alone { notice } else { named.about.of_str(notice) };
                let whole = if alone || index > 0 { "" } else { notice };
                let recipient = Some(named.address.clone());
                evidence.push(Evidence { recipient, about, whole, ..Evidence::default() });
            }
        }
        if evidence.is_empty() {
            evidence.push(Evidence { about: notice, ..Evidence::default() });
        }
        let failures: Vec<_> = evidence.iter().map(|evidence| self.judge(evidence)).collect();
        let says = failures.iter().any(|f| f.is_known || f.smtp_code.is_some() || f.status.is_some());
        if says { Diagnosis::of(Kind::Line, failures) } else { Diagnosis::none() }
    }
}

/// Whether fields are the header of a mail; a pasted report starts with fields, too.
fn is_mail(fields: &Fields<'_>) -> bool {
    const OF_MAIL: [&str; 12] = [
        "from",
        "to",
        "subject",
        "date",
        "received",
        "return-path",
        "message-id",
        "mime-version",
        "content-type",
        "delivered-to",
        "reply-to",
        "sender",
    ];
    let known = fields.names().take(200).filter(|name| OF_MAIL.contains(name)).count();
    let first_is_report = fields.names().next().is_some_and(|name| {
        ["reporting-mta", "final-recipient", "original-recipient", "action", "diagnostic-code", "remote-mta"]
            .contains(&name)
    });
    known >= 2 && !first_is_report
}

fn head(raw: &[u8], fields: &Fields<'_>) -> Head {
    let parsed = Message::parse(raw, &Limits::default());
    let subject = parsed.fields.iter().find(|field| field.kind == FieldKind::Subject);
    let failed = fields.text("x-failed-recipients");
    let auto = fields.text("auto-submitted").to_ascii_lowercase();
    let from = fields.text("from");
    let names =
        parsed.fields.iter().find(|field| field.kind == FieldKind::Names && field.name.contains("From"));
    let from = format!("{from} {}", names.map(|field| field.content.text.as_ref()).unwrap_or_default())
        .to_lowercase();
    Head {
        subject: subject.map(|field| field.content.text.to_string()).unwrap_or_default(),
        from,
        to: parsed.header.recipients.clone(),
        failed: address::all(&failed).take(100).map(|span| span.of_str(&failed).to_owned()).collect(),
        null_sender: fields.get("return-path").is_some_and(|path| path == b"<>" || path.is_empty()),
        is_automatic: auto.starts_with("auto"),
        is_list: fields
            .names()
            .any(|name| name == "list-unsubscribe" || name == "list-id" || name == "x-mailman-version"),
    }
}

/// From and recipients of a returned message.
fn own_head(original: &[u8]) -> (Option<String>, Vec<String>) {
    let (_, body) = Fields::read(original);
    let end = if body == 0 { original.len() } else { body };
    let parsed = Message::parse(&original[..end], &Limits::default());
    (parsed.header.from.clone(), parsed.header.recipients.clone())
}

/// The report of a notice: the part for programs, an event, or fields in the text.
fn read_report(sections: &Sections<'_>, notice: &str) -> Report {
    let report = Report::read(&sections.report);
    if !report.groups.is_empty() {
        return report;
    }
    if let Some(event) = event::report(notice) {
        return event;
    }
    let in_text = Report::read(notice);
    let is_one = in_text.groups.iter().any(|group| group.recipient.is_some() || group.original.is_some());
    if is_one { in_text } else { Report { groups: Vec::new(), ..report } }
}

fn is_success(group: &Group) -> bool {
    ["delivered", "relayed", "expanded"].contains(&group.action.as_str())
        || group.action.is_empty() && group.status.is_some_and(|status| status.class == 2)
}

/// Whom a notice without a report is about, each with what it says of them.
fn recipients<'n>(named: &[Named], head: &Head, to: &[String], notice: &'n str) -> Vec<(String, &'n str)> {
    let role = named.first().map(|named| named.role);
    let of_named = |named: &Named| (named.address.clone(), named.about.of_str(notice));
    if role == Some(Role::OwnLine) {
        return named.iter().map(of_named).collect();
    }
    if !head.failed.is_empty() {
        return head.failed.iter().map(|address| (address.clone(), "")).collect();
    }
    // Of addresses in running text, those that the message was sent to.
    let is_sent = |named: &&Named| to.iter().any(|to| to.eq_ignore_ascii_case(&named.address));
    if named.iter().any(|named| is_sent(&named)) {
        return named.iter().filter(is_sent).map(of_named).collect();
    }
    match (role, to) {
        (Some(Role::Led), _) => named.iter().map(of_named).collect(),
        (_, [to]) => vec![(to.clone(), "")],
        _ => named.iter().map(of_named).collect(),
    }
}

/// What a notice says of all its addresses: what stands before the first.
fn common<'w>(whole: &'w str, notice: &str, named: &[Named]) -> &'w str {
    let behind = named.first().map_or(notice.len(), |named| notice.len() - named.about.start);
    &whole[..whole.len().saturating_sub(behind)]
}

/// Whether a notice says that the message is late, not lost.
fn is_late(head: &Head, notice: &str) -> bool {
    let subject = head.subject.to_lowercase();
    let start = notice[..floor_boundary(notice, notice.len().min(3000))].to_lowercase();
    let says = |text: &str| {
        [
            "delayed",
            "not yet been delivered",
            "delivery attempts will continue",
            "will be retried",
            "warning message only",
            "投递延迟",
            "延迟送达",
            "继续尝试",
        ]
        .iter()
        .any(|word| text.contains(word))
    };
    says(&subject) || says(&start)
}

/// The host that a notice comes from.
fn reporter(from: &str) -> Option<String> {
    let span = address::all(from).next()?;
    span.of_str(from).split_once('@').map(|(_, domain)| domain.to_owned())
}
