//! What was learned, and how well it does on mail of sources that it was not learned from, as text.

use std::fmt::Write as _;

use super::{
    logistic::{self, Base, Column, Row},
    metrics::{Scored, auroc, calibration_error, recall_at_one_percent, share},
};
use crate::policy::WeightedTerm;

/// What was learned.
#[derive(Debug)]
pub struct Report {
    /// The terms, the heaviest first.
    pub terms: Vec<WeightedTerm>,
    /// Factors to the weights of the policy's rules, where they were fitted.
    pub rules: Vec<(String, f64)>,
    /// Log-odds of a message with no term.
    pub base: f64,
    /// Scores in log-odds of each source by a fit to the others.
    pub(super) left_out: Vec<(String, Vec<Scored>)>,
    /// Scores of what was learned from.
    pub(super) trained: Vec<Scored>,
}

impl Report {
    /// The word file; `head` is a remark of lines without `#`.
    pub fn file(&self, head: &str) -> String {
        let mut out = String::new();
        for line in head.lines() {
            let _ = writeln!(out, "# {line}");
        }
        for term in &self.terms {
            let given = term.given.map(|given| format!("\t{given:.2}")).unwrap_or_default();
            let _ = writeln!(out, "{}\t{:.2}{given}", term.term, term.weight);
        }
        out
    }

    /// How well it does, as a table.
    pub fn table(&self) -> String {
        let mut out = String::new();
        let learned = self.terms.iter().filter(|term| term.given.is_none()).count();
        let _ =
            writeln!(out, "{} terms, {learned} of them learned; base {:+.2}", self.terms.len(), self.base);
        if self.left_out.is_empty() {
            let _ = writeln!(out, "one source alone: how it does on other mail is not known");
        } else {
            let pooled: Vec<Scored> =
                self.left_out.iter().flat_map(|(_, scored)| scored.iter().copied()).collect();
            let calibration = calibration(&pooled);
            let _ = writeln!(
                out,
                "each source by a fit to the others; probabilities as logistic({:.2} x score {:+.2})\n{:24} {:>6} {:>6} {:>7} {:>9} {:>8} {:>9} {:>9}",
                calibration.0,
                calibration.1,
                "source",
                "refuse",
                "pass",
                "AUROC",
                "recall@1%",
                "cal.err",
                "refuse>.1",
                "pass>.1"
            );
            for (name, scored) in &self.left_out {
                line(&mut out, name, scored, calibration);
            }
            line(&mut out, "all left out", &pooled, calibration);
        }
        line(&mut out, "learned from", &self.trained, (1.0, 0.0));
        for (rule, factor) in &self.rules {
            let _ = writeln!(out, "rule {rule}: weight x {factor:.2}");
        }
        out
    }
}

/// Slope and intercept by which scores become probabilities that come true.
fn calibration(scored: &[Scored]) -> (f64, f64) {
    let column = Column {
        rows: scored.iter().enumerate().map(|(row, (score, _))| (row as u32, *score as f32)).collect(),
        given: 1.0,
        ridge: 1e-3,
        lasso: 0.0,
    };
    let total = |kind: bool| scored.iter().filter(|(_, is)| *is == kind).count().max(1) as f64;
    let rows: Vec<Row> = scored
        .iter()
        .map(|(_, is)| Row { is_positive: *is, weight: scored.len() as f64 / 2.0 / total(*is), offset: 0.0 })
        .collect();
    let fit = logistic::fit(&[column], &rows, Base::FREE);
    (fit.weights[0], fit.base)
}

fn line(out: &mut String, name: &str, scored: &[Scored], (slope, base): (f64, f64)) {
    let probability = |score: f64| logistic::logistic(slope * score + base);
    let probable: Vec<Scored> = scored.iter().map(|(score, is)| (probability(*score), *is)).collect();
    let count = |kind: bool| scored.iter().filter(|(_, is)| *is == kind).count();
    let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let both = count(true) > 0 && count(false) > 0;
    let _ = writeln!(
        out,
        "{name:24} {:>6} {:>6} {:>7} {:>9} {:>8} {:>9} {:>9}",
        count(true),
        count(false),
        number(auroc(scored)),
        number(recall_at_one_percent(scored)),
        number(both.then(|| calibration_error(&probable))),
        number(share(&probable, true, |p| p >= 0.1)),
        number(share(&probable, false, |p| p >= 0.1)),
    );
}
