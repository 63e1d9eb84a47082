//! The verdict as JSON, schema 1: one object, on one line in a scan. Field names never change within a schema.
//!
//! The types here are the documentation: `presend policy schema` prints their JSON Schema.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    detect::Ignored,
    domain::Obstacle,
    policy::{Category, Language},
    report::names::public,
    verdict::{Decision, Found, Matched, Verdict},
};

/// How a verdict is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Json {
    /// Language of `message` and `fix`.
    pub language: Language,
    /// Whether values themselves are written.
    pub show_matches: bool,
    /// Whether the evidence behind each finding is written.
    pub explain: bool,
}

/// A verdict as one line of JSON, without a line end.
pub fn line(path: &str, verdict: &Verdict, options: Json) -> String {
    serde_json::to_string(&Document::new(path, verdict, options)).expect("a tree of strings and numbers")
}

/// A verdict as indented JSON.
pub fn pretty(path: &str, verdict: &Verdict, options: Json) -> String {
    serde_json::to_string_pretty(&Document::new(path, verdict, options))
        .expect("a tree of strings and numbers")
}

/// What presend says about one message.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "presend verdict", deny_unknown_fields)]
pub struct Document<'v> {
    /// Version of this schema: 1.
    schema: u32,
    /// The message as it was named: a path, `archive.mbox:17`, or `-`.
    path: &'v str,
    /// Message-ID, if it has one.
    message_id: Option<&'v str>,
    /// pass, review or reject.
    decision: Word,
    /// Probability that the auditor rejects it, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    probability: f64,
    /// Whether every part was read.
    complete: bool,
    /// Probability by category that the message violates it, 0 to 1.
    categories: Categories,
    /// Rules that count against it, the weightiest first.
    reasons: Vec<Reason<'v>>,
    /// What counts, in reading order; at most 100 of a rule.
    findings: Vec<Finding<'v>>,
    /// What was seen and does not count, with the reason.
    ignored: Vec<Seen<'v>>,
    /// Parts that could not be read.
    not_inspected: Vec<NotInspected<'v>>,
    /// Whose reading `seen` is about: the id of an auditor.
    auditor: &'v str,
    /// Files that are attached, and files within them, in reading order.
    attachments: Vec<Attachment<'v>>,
    /// What the DNS says stands in the way of its delivery; only where it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<Vec<Delivery<'v>>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Delivery<'v> {
    /// The sender's domain, or one of a recipient.
    domain: &'v str,
    /// spf, mx or dmarc.
    check: &'static str,
    /// What was found, as in `presend doctor`.
    id: &'static str,
    /// warning, unknown or failure.
    status: &'static str,
    message: String,
    fix: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Categories {
    #[schemars(range(min = 0, max = 1))]
    advertising: f64,
    #[schemars(range(min = 0, max = 1))]
    pii: f64,
    #[schemars(range(min = 0, max = 1))]
    confidential: f64,
    #[schemars(range(min = 0, max = 1))]
    secret: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Reason<'v> {
    /// Rule id.
    rule: &'v str,
    category: Category,
    /// Distinct values found.
    count: usize,
    /// Log-odds that it adds.
    contribution: f64,
    /// What was found.
    message: &'v str,
    /// The smallest thing to do.
    fix: &'v str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Finding<'v> {
    rule: &'v str,
    category: Category,
    /// high, medium or low.
    confidence: Level,
    /// header, authored, quoted, forwarded, signature, disclaimer, hidden, filename, metadata or attachment.
    zone: &'v str,
    /// IMAP part number.
    part: &'v str,
    /// Where for a person: names of files within each other, table cell; masked like values.
    place: Vec<String>,
    /// Line in the raw message, from 1; null where the raw bytes mean nothing.
    line: Option<usize>,
    /// Column in code points, from 1.
    column: Option<usize>,
    /// Bytes of the raw message, half-open.
    span: Option<[usize; 2]>,
    /// The value, masked; or the term, as the pack has it.
    excerpt: Option<&'v str>,
    /// The value itself; only where it was asked for.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    value: Option<&'v str>,
    /// What may be written in place of the term; only where the rule knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<&'v str>,
    /// Keyed hash of rule and value, for waivers.
    fingerprint: Option<&'v str>,
    /// How the value was disguised: full-width, foreign-digits, invisible, look-alikes, chinese-numerals, separators, line-breaks, cells, tags, subject-and-text or
    /// encoded; only where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    evasion: Option<&'static str>,
    /// Who comes to see it: rule (the auditor's), reviewer (only a person who is asked to approve) or nobody.
    seen: &'static str,
    /// What the confidence is the sum of, in decimal digits of odds; only where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence<'v>>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Evidence<'v> {
    /// What format and checksum are worth.
    format: f64,
    /// What the word around the value is to it: near, heading, far, hint, against or other label.
    clue: Option<&'static str>,
    /// The word, as the pack has it.
    word: Option<&'v str>,
    /// What the word is worth.
    context: f64,
    /// What being one of a list is worth.
    list: f64,
    /// What is taken off because others of its form fail the check.
    chance: f64,
    /// The sum.
    total: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Seen<'v> {
    rule: &'v str,
    /// Why it does not count: a zone, test value, prose, released, internal mail, public, not promotional, exempt, or waived.
    reason: &'static str,
    /// The zone, or the reason of the waiver.
    detail: Option<&'v str>,
    count: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Attachment<'v> {
    /// IMAP part number of the part that it is, or is in.
    part: &'v str,
    /// Names of files within each other, its own last; masked like values.
    place: Vec<String>,
    /// What it is by its content: a short name such as xlsx.
    format: &'static str,
    bytes: usize,
    /// Whether presend read it.
    read: bool,
    /// Who comes to see what is in it: rule, reviewer or nobody; of a file that the rule reads in part, its beginning.
    seen: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct NotInspected<'v> {
    part: &'v str,
    place: Vec<String>,
    reason: &'static str,
    /// Media type and size.
    what: &'v str,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Word {
    Pass,
    Review,
    Reject,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Level {
    Low,
    Medium,
    High,
}

impl<'v> Document<'v> {
    /// The document of a verdict.
    pub fn new(path: &'v str, verdict: &'v Verdict, options: Json) -> Document<'v> {
        let of = |category: Category| {
            verdict.categories.iter().find(|(known, _)| *known == category).map_or(0.0, |(_, p)| rounded(*p))
        };
        Document {
            schema: 1,
            path,
            message_id: verdict.message_id.as_deref(),
            decision: match verdict.decision {
                Decision::Pass => Word::Pass,
                Decision::Review => Word::Review,
                Decision::Reject => Word::Reject,
            },
            probability: rounded(verdict.probability),
            complete: verdict.is_complete(),
            categories: Categories {
                advertising: of(Category::Advertising),
                pii: of(Category::Pii),
                confidential: of(Category::Confidential),
                secret: of(Category::Secret),
            },
            reasons: verdict
                .reasons
                .iter()
                .map(|reason| Reason {
                    rule: &reason.rule.id,
                    category: reason.rule.category,
                    count: reason.count,
                    contribution: rounded(reason.contribution),
                    message: reason.rule.message.get(options.language),
                    fix: reason.rule.fix.get(options.language),
                })
                .collect(),
            findings: verdict.findings.iter().map(|found| Finding::new(found, verdict, options)).collect(),
            ignored: verdict
                .ignored
                .iter()
                .map(|seen| {
                    let (reason, detail) = match &seen.why {
                        Ignored::Zone(zone) => ("zone", Some(zone.as_str())),
                        Ignored::TestValue => ("test value", None),
                        Ignored::Prose => ("prose", None),
                        Ignored::Released => ("released", None),
                        Ignored::Internal => ("internal mail", None),
                        Ignored::Public => ("public", None),
                        Ignored::NotPromotional => ("not promotional", None),
                        Ignored::Exempt => ("exempt", None),
                        Ignored::Sender => ("sender", None),
                        Ignored::Waived(reason) => ("waived", Some(reason.as_str())),
                    };
                    Seen { rule: &seen.rule.id, reason, detail, count: seen.count }
                })
                .collect(),
            auditor: &verdict.auditor.id,
            attachments: verdict
                .attachments
                .iter()
                .map(|file| Attachment {
                    part: &file.part,
                    place: names(&file.place, verdict, options),
                    format: file.format,
                    bytes: file.bytes,
                    read: file.is_read,
                    seen: file.seen.as_str(),
                })
                .collect(),
            delivery: verdict.obstacles.as_ref().map(|list| {
                let delivery = |obstacle: &'v Obstacle| Delivery {
                    domain: &obstacle.domain,
                    check: obstacle.subject.as_str(),
                    id: obstacle.finding.id,
                    status: obstacle.finding.status().as_str(),
                    message: obstacle.finding.message(options.language),
                    fix: obstacle.finding.fix(options.language),
                };
                list.iter().map(delivery).collect()
            }),
            not_inspected: verdict
                .not_inspected
                .iter()
                .map(|part| NotInspected {
                    part: &part.part,
                    place: names(&part.place, verdict, options),
                    reason: part.reason.as_str(),
                    what: &part.what,
                })
                .collect(),
        }
    }
}

impl<'v> Finding<'v> {
    fn new(found: &'v Found, verdict: &Verdict, options: Json) -> Finding<'v> {
        let (excerpt, value) = match &found.value {
            Matched::Term(term) => (Some(&**term), None),
            Matched::Private { canonical, masked } => (Some(masked.as_str()), Some(canonical.as_str())),
            Matched::None => (None, None),
        };
        Finding {
            rule: &found.rule.id,
            category: found.rule.category,
            confidence: match found.confidence {
                crate::detect::Confidence::Low => Level::Low,
                crate::detect::Confidence::Medium => Level::Medium,
                crate::detect::Confidence::High => Level::High,
            },
            zone: found.zone.as_str(),
            part: &found.part,
            place: names(&found.place, verdict, options),
            line: found.position.map(|(line, _)| line),
            column: found.position.map(|(_, column)| column),
            span: found.span.map(|span| [span.start, span.end]),
            excerpt,
            value: value.filter(|_| options.show_matches),
            replacement: excerpt.filter(|_| value.is_none()).and_then(|term| found.rule.replacement(term)),
            fingerprint: found.fingerprint.as_deref(),
            evasion: found.evasion.map(|evasion| evasion.as_str()),
            seen: found.seen.as_str(),
            evidence: found.trace.as_ref().filter(|_| options.explain).map(|trace| Evidence {
                format: rounded(trace.format),
                clue: trace.context.as_ref().map(|(clue, ..)| clue.as_str()),
                word: trace.context.as_ref().map(|(_, word, _)| word.as_ref()),
                context: trace.context.as_ref().map_or(0.0, |(.., worth)| rounded(*worth)),
                list: rounded(trace.list),
                chance: rounded(trace.chance),
                total: rounded(trace.total),
            }),
        }
    }
}

/// Names of a place, masked unless values may be shown.
fn names(place: &[String], verdict: &Verdict, options: Json) -> Vec<String> {
    let shown = |name: &String| if options.show_matches { name.clone() } else { public(verdict, name) };
    place.iter().map(shown).collect()
}

/// Four decimals are more than any of these numbers is good for.
fn rounded(number: f64) -> f64 {
    (number * 1e4).round() / 1e4
}
