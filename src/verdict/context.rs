//! Counter-evidence for advertising: texts and envelope in, what speaks for a discussion of advertising out.
//!
//! A term in quotation marks is mentioned, not used; and those who work on a campaign speak of what a customer is never told. Words and
//! numbers are data in `policies/advertising/context.toml`. Only text that is new in this message counts, so what is hidden excuses nothing.

use std::{collections::HashMap, ops::Deref};

use aho_corasick::AhoCorasick;
use serde::Deserialize;

use super::{Case, Reason};
use crate::{
    detect::{Finding, Location},
    policy::{Category, Rule},
    span::Span,
};

/// What advertising is told from talk about advertising by.
#[derive(Debug)]
pub struct Context {
    mention: Mention,
    talk: Talk,
    /// Finds the marks of `mention`, an opening one at twice the index of its pair, and the breaks that no quotation goes over.
    marks: AhoCorasick,
    /// Which bytes marks begin with.
    heads: Vec<bool>,
}

/// `policies/advertising/context.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mention: Mention,
    talk: Talk,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mention {
    share: f64,
    longest: usize,
    marks: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Talk {
    least: usize,
    word: f64,
    colleagues: f64,
    answer: f64,
    at_most: f64,
    words: Vec<String>,
    public: Vec<String>,
}

/// What no quotation goes over: ends of lines and cells.
const BREAKS: [&str; 2] = ["\n", "\t"];

impl Context {
    /// The words and numbers that ship with presend.
    pub fn shipped() -> Context {
        let file: File = toml::from_str(include_str!("../../policies/advertising/context.toml"))
            .expect("the shipped file is tested to parse");
        let marks = file.mention.marks.iter().flat_map(|pair| pair.chars()).map(String::from);
        let marks: Vec<String> = marks.collect();
        let heads = (0..=u8::MAX).map(|byte| marks.iter().any(|mark| mark.as_bytes()[0] == byte)).collect();
        let marks = AhoCorasick::new(marks.into_iter().chain(BREAKS.map(String::from))).expect("a few marks");
        Context { mention: file.mention, talk: file.talk, marks, heads }
    }

    /// Words of those who work on a campaign.
    pub fn talk(&self) -> &[String] {
        &self.talk.words
    }

    /// Stretches of a folded text that stand between quotation marks, ascending.
    fn quotations(&self, text: &str) -> Vec<Span> {
        let mut spans = Vec::new();
        if !text.bytes().any(|byte| self.heads[usize::from(byte)]) {
            return spans;
        }
        let mut open: Option<(usize, usize)> = None;
        for found in self.marks.find_iter(text) {
            let (pair, is_closing) = (found.pattern().as_usize() / 2, found.pattern().as_usize() % 2 == 1);
            let Some(marks) = self.mention.marks.get(pair) else {
                open = None;
                continue;
            };
            let is_same = marks.chars().next() == marks.chars().nth(1);
            let before = text[..found.start()].chars().next_back().unwrap_or(' ');
            let after = text[found.end()..].chars().next().unwrap_or(' ');
            // 5" and it's: within a Latin word or number a mark is none.
            let opens = !(after.is_whitespace() || before.is_ascii_alphanumeric() && after.is_ascii());
            let closes = !(before.is_whitespace() || after.is_ascii_alphanumeric() && before.is_ascii());
            match open {
                Some((of, start)) if of == pair && (is_closing || (is_same && closes)) => {
                    if found.start() - start <= self.mention.longest {
                        spans.push(Span::new(start, found.start()));
                        open = None;
                    } else {
                        // Too long for a quotation: the mark before was a stray one.
                        open = (is_same && opens).then_some((pair, found.end()));
                    }
                }
                Some((_, start)) if found.start() - start <= self.mention.longest => {}
                _ if !is_closing && (!is_same || opens) => open = Some((pair, found.end())),
                _ => open = None,
            }
        }
        spans
    }
}

/// Quotations of the texts in which advertising was found.
#[derive(Debug, Default)]
pub(super) struct Quotations(HashMap<usize, Vec<Span>>);

impl Case<'_, '_> {
    /// The quotations in the lines where advertising was found.
    pub(super) fn quotations(&self, findings: &[Finding]) -> Quotations {
        let is_advertising = |finding: &&Finding| {
            finding.ignored.is_none() && self.policy.rules[finding.rule].category == Category::Advertising
        };
        let mut places: Vec<(usize, usize)> = findings
            .iter()
            .filter(is_advertising)
            .filter_map(|finding| match finding.location {
                Location::Text { text, span } => Some((text, span.start)),
                _ => None,
            })
            .collect();
        places.sort_unstable();
        let mut quotations = Quotations::default();
        let mut read = (usize::MAX, 0);
        for (index, at) in places {
            let text = &*self.texts[index].folded;
            // In order of place, so that each line is read once, however many findings it holds.
            let from = if read.0 == index { read.1 } else { 0 };
            if at < from {
                continue;
            }
            let start = text[from..at].rfind('\n').map_or(from, |newline| from + newline + 1);
            let end = text[at..].find('\n').map_or(text.len(), |newline| at + newline);
            let spans = self.context.quotations(&text[start..end]);
            let placed = spans.into_iter().map(|span| Span::new(start + span.start, start + span.end));
            quotations.0.entry(index).or_default().extend(placed);
            read = (index, end);
        }
        quotations
    }

    /// The share of its weight that a finding keeps for being used or only mentioned.
    pub(super) fn use_factor(&self, rule: &Rule, finding: &Finding, quotations: &Quotations) -> f64 {
        let Location::Text { text, span } = &finding.location else { return 1.0 };
        let spans = quotations.0.get(text).filter(|_| rule.category == Category::Advertising);
        let is_quoted = spans.is_some_and(|spans| {
            let next = spans.partition_point(|quoted| quoted.end < span.end);
            spans.get(next).is_some_and(|quoted| quoted.contains(*span))
        });
        if is_quoted { self.context.mention.share } else { 1.0 }
    }

    /// Whether rules that need promotion count: what else speaks for advertising, less what speaks for a discussion of it, is enough.
    pub(super) fn is_promotional(&self, reasons: &[Reason], talk: &impl Deref<Target = f64>) -> bool {
        let is_own =
            |reason: &&Reason| reason.rule.category == Category::Advertising && !reason.rule.needs_promotion;
        let own: f64 = reasons.iter().filter(is_own).map(|reason| reason.contribution).sum();
        let at = self.policy.scoring.promotional_at;
        own >= at && (at <= 0.0 || own - **talk >= at)
    }

    /// Takes off the reasons for advertising what speaks for a discussion of it, in proportion, so that their shares still add up.
    pub(super) fn ease(&self, reasons: &mut [Reason], talk: &impl Deref<Target = f64>) {
        let is_advertising =
            |reason: &&mut Reason| reason.rule.category == Category::Advertising && reason.contribution > 0.0;
        let sum: f64 = reasons.iter_mut().filter(is_advertising).map(|reason| reason.contribution).sum();
        let others: f64 = reasons
            .iter()
            .filter(|reason| reason.rule.category != Category::Advertising)
            .map(|reason| reason.contribution)
            .sum();
        let own: f64 = reasons
            .iter()
            .filter(|reason| reason.rule.category == Category::Advertising)
            .map(|reason| reason.contribution)
            .sum();
        let all = others + self.excess(Category::Advertising, own);
        let review_at = (self.policy.review_at / (1.0 - self.policy.review_at)).ln();
        // What passes anyway needs no excuse.
        if sum <= 0.0 || self.policy.scoring.base + all < review_at {
            return;
        }
        let factor = (1.0 - **talk / sum).max(0.0);
        for reason in reasons.iter_mut().filter(is_advertising) {
            reason.contribution *= factor;
        }
    }

    /// Log-odds that speak for a discussion, by how many words of those who work on a campaign are said.
    pub(super) fn talk(&self, words: usize) -> f64 {
        let talk = &self.context.talk;
        let circumstances =
            [(self.is_among_colleagues(), talk.colleagues), (self.message.header.is_reply, talk.answer)];
        let given: Vec<f64> =
            circumstances.into_iter().filter(|(is, _)| *is).map(|(_, weight)| weight).collect();
        if words + given.len() < talk.least {
            return 0.0;
        }
        let said: f64 = (1..=words).map(|nth| talk.word / nth as f64).sum();
        f64::min(said + given.iter().sum::<f64>(), talk.at_most)
    }

    /// Whether sender and recipients are of one organisation.
    fn is_among_colleagues(&self) -> bool {
        let Some(sender) = self.envelope.from.as_ref().or(self.message.header.from.as_ref()) else {
            return false;
        };
        if !self.policy.internal_domains.is_empty() {
            return self.is_own(sender) && self.is_internal();
        }
        let own = domain(sender);
        let recipients = self.recipients();
        !own.is_empty()
            && !self.context.talk.public.contains(&own)
            && !recipients.is_empty()
            && recipients.iter().all(|recipient| domain(recipient) == own)
    }
}

/// The domain of an address, lower case; empty where it has none.
pub(super) fn domain(address: &str) -> String {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    domain.trim_end_matches('>').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Filter,
        policy::Policy,
        verdict::{Detail, Envelope},
    };

    #[test]
    fn quotations_are_short_and_end_with_the_line() {
        let context = Context::shipped();
        for (text, want) in [
            ("not \"act now\" but \"until may\"", vec!["act now", "until may"]),
            ("写成\"全网最低价\",\"第一品牌\"都不行", vec!["全网最低价", "第一品牌"]),
            ("「限時搶購」改为sku\"低至五折\"", vec!["限時搶購", "低至五折"]),
            ("it's a customers' 'last chance' today", vec!["last chance"]),
            ("a 5\" pipe and a 6\" pipe, now 20% off", vec![]),
            ("he said \"hurry\nand \"act now\" stays", vec!["act now"]),
            ("「\"inner\" and outer」", vec!["\"inner\" and outer"]),
            ("price \"a\tb\"", vec![]),
            ("\"open, act now", vec![]),
        ] {
            let found: Vec<&str> = context.quotations(text).iter().map(|span| span.of_str(text)).collect();
            assert_eq!(found, want, "{text}");
        }
        let speech = format!("\"{}\" and \"act now\"", "best shop ever ".repeat(5));
        let found: Vec<&str> = context.quotations(&speech).iter().map(|span| span.of_str(&speech)).collect();
        assert_eq!(found, ["act now"], "a long stretch is no quotation, and does not swallow the next");
    }

    /// Log-odds that the rules for advertising add to a message.
    fn sum(header: &str, body: &str, policy: Policy) -> f64 {
        let filter = Filter::new(policy, Detail::Excerpts).expect("the policy compiles");
        let raw = format!("{header}\nContent-Type: text/html; charset=utf-8\n\n<p>{body}</p>\n");
        let verdict = filter.check(raw.as_bytes(), &Envelope::default());
        // Of the phrase families: the words of a discussion speak against advertising by themselves too.
        let is_family = |reason: &&Reason| {
            reason.rule.category == Category::Advertising
                && matches!(reason.rule.kind, crate::policy::Kind::Lexicon { .. })
        };
        let reasons = verdict.reasons.iter().filter(is_family);
        reasons.map(|reason| reason.contribution).sum()
    }

    const OUT: &str = "From: a@example.com\nTo: b@example.org";
    const WITHIN: &str = "From: a@example.com\nTo: b@example.com";
    const AD: &str = "限时抢购，全场五折起，立即下单";

    #[test]
    fn a_term_that_is_used_counts_though_it_is_quoted_elsewhere() {
        let sum = |body: &str| sum(OUT, body, Policy::shipped());
        let used = sum("立即下单");
        assert!(sum("“立即下单”") < 0.3 * used);
        assert!((sum("“立即下单”：立即下单") - used).abs() < 1e-9);
    }

    #[test]
    fn a_discussion_takes_two_pieces_of_evidence() {
        let full = sum(OUT, AD, Policy::shipped());
        let answer = "From: a@example.com\nTo: b@example.org\nIn-Reply-To: <1@example.org>";
        let public = "From: a@qq.com\nTo: b@qq.com";
        let mixed = "From: a@example.com\nTo: b@example.com, c@example.org";
        for (header, words, is_discussion) in [
            (OUT, "", false),
            (OUT, "毛利", false),
            (OUT, "毛利和文案", true),
            (OUT, "SKUs and wording", true),
            (OUT, "skusx and rewording", false),
            (OUT, "SKU and SKU", false),
            (WITHIN, "", false),
            (WITHIN, "毛利", true),
            (answer, "", false),
            (answer, "毛利", true),
            (public, "毛利", false),
            (mixed, "毛利", false),
            (OUT, "<span style='display:none'>毛利，文案，法务，复盘</span>", false),
        ] {
            let left = sum(header, &format!("{AD}。{words}"), Policy::shipped());
            assert_eq!(left < full - 0.3, is_discussion, "{header:?} {words:?}: {left} of {full}");
        }
    }

    #[test]
    fn the_policy_says_who_colleagues_are() {
        let read = |path: &std::path::Path| Err(crate::error::Error::Usage(path.display().to_string()));
        let with = |domains: &str| {
            let text = format!("internal_domains = [{domains}]");
            let context = crate::policy::Context { read: &read, today: "" };
            Policy::load(std::path::Path::new("presend.toml"), &text, &context).expect("it loads")
        };
        let body = format!("{AD}。毛利");
        let full = sum(OUT, &body, with("\"example.net\""));
        assert!((sum(WITHIN, &body, with("\"example.net\"")) - full).abs() < 1e-9, "not the policy's domain");
        assert!(
            sum(OUT, &body, with("\"example.com\", \"example.org\"")) < full - 0.3,
            "two domains of one firm"
        );
        assert!((sum(OUT, &body, with("\"example.org\"")) - full).abs() < 1e-9, "the sender is a stranger");
    }

    #[test]
    fn a_mail_full_of_advertising_stays_advertising() {
        let words = Context::shipped().talk.words.join("，");
        let ad = "限时抢购，全场五折起，立即下单，豪礼相送，全网最低价，扫码领取优惠券，招商加盟，买一送一，名额有限，免费试用，稳赚不赔";
        assert!(sum(WITHIN, &format!("{ad}。{words}"), Policy::shipped()) > 2.0);
    }

    #[test]
    fn what_needs_promotion_counts_only_there() {
        let filter = Filter::new(Policy::shipped(), Detail::Excerpts).expect("the policy compiles");
        for (header, body, counts) in [
            (OUT, "选用最优质的面料", false),
            (OUT, "选用最优质的面料，下周三开会", false),
            (OUT, "选用最优质的面料，限时抢购，全场五折起", true),
            (
                WITHIN,
                "选用最优质的面料，限时抢购，全场五折起。毛利测算、文案初稿、法务意见和排期见附件",
                false,
            ),
            (OUT, "我们的宗旨是选用最优质的面料，限时抢购，全场五折起", false),
            (OUT, "我们有自己的宗旨。选用最优质的面料，限时抢购，全场五折起", true),
        ] {
            let raw = format!("{header}\nContent-Type: text/html; charset=utf-8\n\n<p>{body}</p>\n");
            let verdict = filter.check(raw.as_bytes(), &Envelope::default());
            let id = "advertising.cn-superlative";
            assert_eq!(verdict.reasons.iter().any(|reason| reason.rule.id == id), counts, "{body}");
            assert_eq!(verdict.findings.iter().any(|found| found.rule.id == id), counts, "{body}");
            assert_eq!(verdict.ignored.iter().any(|seen| seen.rule.id == id), !counts, "{body}");
            // What is missed counts with it, and is nothing that was seen.
            let lacks = verdict.reasons.iter().any(|reason| reason.rule.id == "advertising.cn-no-label");
            assert_eq!(lacks, counts || body.starts_with("我们的宗旨"), "{body}");
            assert!(verdict.ignored.iter().all(|seen| seen.rule.id != "advertising.cn-no-label"), "{body}");
        }
    }
}
