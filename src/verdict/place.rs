//! Findings placed: where each stands in the message, for a person and in bytes, and the line around it.
//!
//! Only what is listed is placed: a message may hold a finding per line. Names of files are shown in many places, so they are masked once.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    Case, Detail, Found, Matched,
    excerpt::{Private, excerpt},
    sight::{Asked, Sight},
};
use crate::{
    detect::{Finding, Location, Value, Values},
    extract,
    policy::Kind,
    span::Lines,
};

impl Case<'_, '_> {
    /// Places the findings that count, at most `listed` of a rule.
    pub(super) fn list(
        &self,
        findings: &[Finding],
        values: &Values,
        by_rule: &BTreeMap<usize, Vec<usize>>,
    ) -> Vec<Found> {
        let mut indices: Vec<usize> =
            by_rule.values().flat_map(|indices| indices.iter().take(self.listed).copied()).collect();
        // What the weighted terms that are not shown come to stands nowhere.
        indices.retain(|index| {
            let finding = &findings[*index];
            let is_weighted = matches!(self.policy.rules[finding.rule].kind, Kind::Weighted { .. });
            !is_weighted || matches!(finding.value, Value::Term(_))
        });
        if indices.is_empty() {
            return Vec::new();
        }
        let order = |finding: &Finding| match &finding.location {
            Location::Text { text, span } => (*text, span.start),
            Location::Part { .. } => (usize::MAX - 1, 0),
            Location::Message => (usize::MAX, 0),
        };
        indices.sort_by_key(|index| (order(&findings[*index]), findings[*index].rule));
        let lines = Lines::new(self.message.raw);
        let listed: Vec<&Finding> = indices.into_iter().map(|index| &findings[index]).collect();
        let private =
            (self.detail == Detail::Excerpts).then(|| Private::of(findings, values, self.texts, &listed));
        let place = |finding| self.place(finding, values, &lines, private.as_ref());
        listed.into_iter().map(place).collect()
    }

    fn place(
        &self,
        finding: &Finding,
        values: &Values,
        lines: &Lines<'_>,
        private: Option<&Private<'_>>,
    ) -> Found {
        let mut found = Found {
            rule: Arc::clone(&self.policy.rules[finding.rule]),
            confidence: finding.confidence,
            zone: finding.zone,
            part: String::new(),
            place: Vec::new(),
            span: None,
            position: None,
            value: self.matched(finding, values),
            fingerprint: self.fingerprint(finding, values),
            excerpt: None,
            evasion: finding.evasion,
            trace: finding.trace.clone(),
            seen: Sight::Rule,
        };
        match &finding.location {
            Location::Text { text: index, span } => {
                let text = &self.texts[*index];
                let segment = &text.zoned.segment;
                let original = text.original_span(*span);
                found.part = segment.part.to_owned();
                found.place.clone_from(&segment.place);
                found.place.extend(segment.spot(original));
                found.span = self.message.raw_span(segment.buffer, segment.buffer_span(original));
                found.position = found.span.map(|span| lines.position(span.start));
                let end = segment.origin.offset + original.end;
                found.seen = self.view().text(Asked { file: segment.origin.file, kind: segment.kind, end });
                found.excerpt = private.map(|private| excerpt(text, *index, *span, private));
            }
            Location::Part { number, place } => {
                found.part.clone_from(number);
                found.place.clone_from(place);
                let file = self.files.iter().position(|file| file.place == *place);
                found.seen = file.map_or(Sight::Rule, |file| self.view().file(file));
            }
            Location::Message => {}
        }
        found
    }

    /// What was found, with what may be shown of it.
    fn matched(&self, finding: &Finding, values: &Values) -> Matched {
        match (&finding.value, &finding.location) {
            (Value::Term(term), _) => Matched::Term(Arc::clone(term)),
            (Value::Private(private), Location::Text { text, span }) => Matched::Private {
                canonical: values.canonical(*private).to_owned(),
                masked: private.masked(self.texts[*text].original(*span)),
            },
            // An address of the envelope stands in no text.
            (Value::Private(private), Location::Message) => {
                let canonical = values.canonical(*private).to_owned();
                Matched::Private { masked: private.masked(&canonical), canonical }
            }
            (Value::Private(_) | Value::None, _) => Matched::None,
        }
    }

    /// File names with their private values masked: a name is shown in many places.
    pub(super) fn masked_names(&self, findings: &[Finding]) -> BTreeMap<String, String> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for finding in findings {
            let (Location::Text { text, span }, Value::Private(private)) =
                (&finding.location, &finding.value)
            else {
                continue;
            };
            let text = &self.texts[*text];
            if text.zoned.segment.kind != extract::Kind::FileName {
                continue;
            }
            let shown = names
                .entry(text.zoned.segment.text.clone().into_owned())
                .or_insert_with(|| text.zoned.segment.text.clone().into_owned());
            let original = text.original(*span);
            *shown = shown.replace(original, &private.masked(original));
        }
        names
    }
}
