//! How well scores tell positives from negatives.

/// A score and the truth.
pub(super) type Scored = (f64, bool);

/// The chance that a positive scores above a negative; `None` without both.
pub(super) fn auroc(scored: &[Scored]) -> Option<f64> {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let positives = sorted.iter().filter(|(_, is_positive)| *is_positive).count();
    let pairs = positives * (sorted.len() - positives);
    if pairs == 0 {
        return None;
    }
    // Half of the negatives that score the same are below.
    let (mut below, mut won) = (0.0, 0.0);
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let positives = equal.iter().filter(|(_, is_positive)| *is_positive).count() as f64;
        let negatives = equal.len() as f64 - positives;
        won += positives * (below + negatives / 2.0);
        below += negatives;
    }
    Some(won / pairs as f64)
}

/// The share of positives above all but one in a hundred negatives; `None` without both.
pub(super) fn recall_at_one_percent(scored: &[Scored]) -> Option<f64> {
    let mut negatives: Vec<f64> = scored.iter().filter(|(_, is)| !is).map(|(score, _)| *score).collect();
    negatives.sort_by(f64::total_cmp);
    let allowed = negatives.len() / 100;
    let bar = *negatives.get(negatives.len().checked_sub(allowed + 1)?)?;
    share(scored, true, |score| score > bar)
}

/// The share of one kind for which `holds`; `None` without any.
pub(super) fn share(scored: &[Scored], of: bool, holds: impl Fn(f64) -> bool) -> Option<f64> {
    let of: Vec<f64> = scored.iter().filter(|(_, is)| *is == of).map(|(score, _)| *score).collect();
    (!of.is_empty()).then(|| of.iter().filter(|score| holds(**score)).count() as f64 / of.len() as f64)
}

/// Expected calibration error in ten bins of equal size, of probabilities.
pub(super) fn calibration_error(scored: &[Scored]) -> f64 {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = sorted.len().div_ceil(10).max(1);
    let gap = |bin: &[Scored]| {
        let said: f64 = bin.iter().map(|(probability, _)| probability).sum();
        let true_ones = bin.iter().filter(|(_, is_positive)| *is_positive).count() as f64;
        (said - true_ones).abs()
    };
    sorted.chunks(size).map(gap).sum::<f64>() / sorted.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_rates() {
        let scored = [(0.9, true), (0.8, false), (0.7, true), (0.1, false)];
        assert_eq!(auroc(&scored), Some(0.75));
        assert_eq!(auroc(&[(0.5, true), (0.5, false)]), Some(0.5));
        assert_eq!(auroc(&[(0.5, true)]), None);
        assert_eq!(recall_at_one_percent(&scored), Some(0.5));
        assert_eq!(share(&scored, false, |score| score >= 0.5), Some(0.5));
    }

    #[test]
    fn probabilities_that_come_true_have_no_error() {
        let honest: Vec<Scored> = (0..100).map(|n| (0.25, n % 4 == 0)).collect();
        assert!(calibration_error(&honest) < 0.2);
        let boastful: Vec<Scored> = (0..100).map(|n| (0.95, n % 4 == 0)).collect();
        assert!((calibration_error(&boastful) - 0.7).abs() < 1e-9);
    }
}
