//! Files of weighted terms: one term a line, its log-odds behind a tab, `#` before a remark.
//!
//! A third column holds the weight that a person gave the term before it was fitted to data; `presend learn` starts from it.

use super::Document;
use crate::error::PolicyError;

/// The word files that ship with presend: name and text.
const SHIPPED: &[(&str, &str)] = &[
    ("policies/advertising/words-en.tsv", include_str!("../../policies/advertising/words-en.tsv")),
    ("policies/advertising/words-zh.tsv", include_str!("../../policies/advertising/words-zh.tsv")),
];

/// A term with a weight of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct WeightedTerm {
    /// The term, matched in any case, width and script.
    pub term: String,
    /// Log-odds that its presence adds; negative where it speaks against.
    pub weight: f64,
    /// The weight that a person gave it, where one did.
    pub given: Option<f64>,
}

/// The word file of this name that ships with presend.
pub(super) fn shipped(name: &str) -> Option<Document> {
    SHIPPED.iter().find(|(known, _)| *known == name).map(|(name, text)| Document::new(name, text))
}

/// Reads a word file.
pub fn parse(document: &Document) -> Result<Vec<WeightedTerm>, PolicyError> {
    let mut terms = Vec::new();
    let mut offset = 0;
    for line in document.text.split_inclusive('\n') {
        let content = line.trim_end();
        if !content.trim().is_empty() && !content.starts_with('#') {
            let term = read(content).ok_or_else(|| {
                document.error_at(
                    offset,
                    "this line is no weighted term",
                    "write the term, a tab and its log-odds, such as `limited offer<tab>1.2`",
                )
            })?;
            terms.push(term);
        }
        offset += line.len();
    }
    if terms.is_empty() {
        return Err(document.error_at(0, "no term is in this file", "write a term, a tab and its log-odds"));
    }
    Ok(terms)
}

fn read(line: &str) -> Option<WeightedTerm> {
    let mut columns = line.split('\t');
    let term = columns.next()?.trim();
    let number = |column: &str| column.trim().parse::<f64>().ok().filter(|weight| weight.is_finite());
    let weight = number(columns.next()?)?;
    let given = match columns.next().filter(|column| !column.trim().is_empty()) {
        Some(column) => Some(number(column)?),
        None => None,
    };
    let is_whole = columns.next().is_none() && !term.is_empty();
    is_whole.then(|| WeightedTerm { term: term.to_owned(), weight, given })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_have_weights() {
        let document = Document::new("a.tsv", "# remark\nbuy now\t1.25\n\n 请查收\t-0.5\t-0.8\n");
        let terms = parse(&document).expect("it is right");
        let got: Vec<_> = terms.iter().map(|t| (t.term.as_str(), t.weight, t.given)).collect();
        assert_eq!(got, [("buy now", 1.25, None), ("请查收", -0.5, Some(-0.8))]);
    }

    #[test]
    fn a_mistake_names_its_line() {
        for (text, line) in [
            ("a\t1\nb\n", 2),
            ("a\tx\n", 1),
            ("a\t1\tb\n", 1),
            ("\t1\n", 1),
            ("a\t1\t1\t1", 1),
            ("a\tinf", 1),
            ("# a\n", 1),
        ] {
            let error = parse(&Document::new("a.tsv", text)).expect_err(text);
            assert_eq!(error.line, line, "{text:?}");
        }
    }

    #[test]
    fn shipped_files_hold_each_term_once() {
        for (name, _) in SHIPPED {
            let terms = parse(&shipped(name).expect("it ships")).expect("it is right");
            let mut folded: Vec<String> =
                terms.iter().map(|term| crate::normalize::fold_term(&term.term)).collect();
            assert!(
                folded.iter().zip(&terms).all(|(folded, term)| *folded == term.term),
                "{name}: not as folded"
            );
            folded.sort();
            let count = folded.len();
            folded.dedup();
            assert_eq!(folded.len(), count, "{name}: a term stands twice");
        }
    }
}
