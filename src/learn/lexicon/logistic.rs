//! Logistic regression by coordinate descent, drawn to given weights: log-loss, a ridge about the weight that a column starts from, and a lasso that drops columns
//! which say little.
//!
//! Deterministic: columns are visited in order until none moves.

/// A column of the regression: the rows that it is present in.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// Rows and values, ascending.
    pub(super) rows: Vec<(u32, f32)>,
    /// The weight that it is drawn to.
    pub(super) given: f64,
    /// How strongly it is drawn there.
    pub(super) ridge: f64,
    /// How much it must say to be kept.
    pub(super) lasso: f64,
}

/// A row: what is to be told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) is_positive: bool,
    /// How much it counts.
    pub(super) weight: f64,
    /// Log-odds that are known of it.
    pub(super) offset: f64,
}

/// Weights of the columns, and the log-odds of a row with none.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    pub(super) weights: Vec<f64>,
    pub(super) base: f64,
}

const SWEEPS: usize = 60;
const STILL: f64 = 1e-3;
/// The longest step, so that a column that is hardly ever present does not run away.
const STEP: f64 = 1.0;

/// The log-odds of a row with none of the columns: where they start, and how strongly they are drawn there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    pub(super) given: f64,
    pub(super) ridge: f64,
}

impl Base {
    /// Whatever the rows say.
    pub(super) const FREE: Base = Base { given: 0.0, ridge: 1e-6 };
}

/// Fits the columns to the rows.
pub(super) fn fit(columns: &[Column], rows: &[Row], start: Base) -> Fit {
    let mut weights: Vec<f64> = columns.iter().map(|column| column.given).collect();
    let mut base = start.given;
    let mut margins: Vec<f64> = rows.iter().map(|row| row.offset + base).collect();
    for (column, weight) in columns.iter().zip(&weights) {
        add(column, *weight, &mut margins);
    }
    let everywhere = Column {
        rows: (0..rows.len() as u32).map(|row| (row, 1.0)).collect(),
        given: start.given,
        ridge: start.ridge,
        lasso: 0.0,
    };
    for _ in 0..SWEEPS {
        let mut moved = move_one(&everywhere, rows, &mut margins, &mut base);
        for (column, weight) in columns.iter().zip(&mut weights) {
            moved = moved.max(move_one(column, rows, &mut margins, weight));
        }
        if moved < STILL {
            break;
        }
    }
    Fit { weights, base }
}

fn add(column: &Column, weight: f64, margins: &mut [f64]) {
    for (row, value) in &column.rows {
        margins[*row as usize] += weight * f64::from(*value);
    }
}

/// One Newton step of one weight; how far it went.
fn move_one(column: &Column, rows: &[Row], margins: &mut [f64], weight: &mut f64) -> f64 {
    let (mut slope, mut bend) = (column.ridge * (*weight - column.given), column.ridge);
    for (index, value) in &column.rows {
        let (row, value) = (&rows[*index as usize], f64::from(*value));
        let probability = logistic(margins[*index as usize]);
        slope += row.weight * value * (probability - f64::from(u8::from(row.is_positive)));
        bend += row.weight * value * value * probability * (1.0 - probability);
    }
    if bend <= 0.0 {
        return 0.0;
    }
    let wanted = *weight - slope / bend;
    let threshold = column.lasso / bend;
    let kept = if wanted > threshold {
        wanted - threshold
    } else if wanted < -threshold {
        wanted + threshold
    } else {
        0.0
    };
    let step = (kept - *weight).clamp(-STEP, STEP);
    if step != 0.0 {
        *weight += step;
        add(column, step, margins);
    }
    step.abs()
}

pub(super) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(labels: &[bool]) -> Vec<Row> {
        labels.iter().map(|is_positive| Row { is_positive: *is_positive, weight: 1.0, offset: 0.0 }).collect()
    }

    fn column(present: &[u32]) -> Column {
        Column { rows: present.iter().map(|row| (*row, 1.0)).collect(), given: 0.0, ridge: 0.01, lasso: 0.0 }
    }

    #[test]
    fn a_telling_column_gets_the_log_odds_of_its_rows() {
        // Present in 3 of 4 positives and 1 of 4 negatives: log-odds ln 3 with it, -ln 3 without.
        let rows = rows(&[true, true, true, true, false, false, false, false]);
        let fit = fit(&[column(&[0, 1, 2, 4])], &rows, Base::FREE);
        assert!((fit.weights[0] - 2.0 * 3f64.ln()).abs() < 0.1, "{fit:?}");
        assert!((fit.base + 3f64.ln()).abs() < 0.1, "{fit:?}");
    }

    #[test]
    fn what_says_nothing_stays_where_it_was_given() {
        let rows = rows(&[true, true, false, false]);
        let idle = Column { given: 0.7, ridge: 100.0, ..column(&[]) };
        let dropped = Column { lasso: 5.0, ..column(&[0, 2]) };
        let fit = fit(&[idle, dropped], &rows, Base::FREE);
        assert_eq!(fit.weights, [0.7, 0.0]);
    }

    #[test]
    fn what_is_known_of_a_row_is_not_learned_again() {
        let mut rows = rows(&[true, true, false, false]);
        for row in &mut rows {
            row.offset = if row.is_positive { 8.0 } else { -8.0 };
        }
        let fit = fit(&[Column { ridge: 1.0, ..column(&[0, 1]) }], &rows, Base::FREE);
        assert!(fit.weights[0].abs() < 0.01, "{fit:?}");
    }

    #[test]
    fn a_base_that_is_known_stays() {
        let rows = rows(&[true, true, true, false]);
        let known = Base { given: -1.2, ridge: 1e6 };
        assert!((fit(&[column(&[0])], &rows, known).base + 1.2).abs() < 1e-3);
        assert!(fit(&[column(&[])], &rows, Base::FREE).base > 1.0);
    }
}
