//! Candidates for the same bytes of a text compete: the likelier stands.
//!
//! Most have no rival. Those that overlap, one with the next, are settled among themselves, so that all the others are only put into their order.

use std::collections::BTreeMap;

use super::entity::Candidate;

/// Keeps of readings that overlap the likeliest by their `total`; the rest come in the order of texts and places.
pub(super) fn keep_likeliest(list: &mut Vec<Candidate<'_>>, total: impl Fn(&Candidate<'_>) -> f64) {
    list.sort_unstable_by_key(|one| (one.text(), one.span, one.rule(), one.value.order()));
    let mut is_kept = vec![true; list.len()];
    let mut start = 0;
    while start < list.len() {
        let (text, mut reach) = (list[start].text(), list[start].span.end);
        let overlapping = list[start..].iter().take_while(|one| {
            let overlaps = one.text() == text && (one.span.start < reach || one.span == list[start].span);
            reach = reach.max(one.span.end);
            overlaps
        });
        let end = start + overlapping.count();
        if end > start + 1 {
            settle(&list[start..end], &mut is_kept[start..end], &total);
        }
        start = end;
    }
    let mut kept = is_kept.into_iter();
    list.retain(|_| kept.next().unwrap_or(true));
}

/// Settles rivals: the likeliest takes its bytes first, of equals one that is not in disguise, then the first by place.
fn settle(rivals: &[Candidate<'_>], is_kept: &mut [bool], total: impl Fn(&Candidate<'_>) -> f64) {
    let mut order: Vec<(f64, bool, usize)> =
        (0..).zip(rivals).map(|(index, one)| (total(one), one.is_disguised, index)).collect();
    order.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| (a.1, a.2).cmp(&(b.1, b.2))));
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, _, index) in order {
        let span = rivals[index].span;
        let before = taken.range(..span.end).next_back();
        is_kept[index] = before.is_none_or(|(_, end)| *end <= span.start);
        if is_kept[index] {
            taken.insert(span.start, span.end);
        }
    }
}
