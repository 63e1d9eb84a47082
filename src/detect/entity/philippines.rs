//! Philippines: numbers of tax and social insurance. None has a check digit that is published, so only a word makes them findings.

use super::{Entity, Mask, Trigger};

/// Taxpayer number.
pub(super) const TIN: Entity = Entity {
    name: "ph-tin",
    trigger: Trigger::Pattern(&[r"[0-9]{3}-[0-9]{3}-[0-9]{3}(?:-[0-9]{3,5})?", r"[0-9]{9}(?:[0-9]{3})?"]),
    examine: |site| {
        let branch = if site.value.matches('-').count() == 3 { 1.3 } else { 0.5 };
        site.grouped(branch, |_| Some(-0.5))
    },
    mask: Mask { head: 0, tail: 3 },
    about: "Nine digits, three or five more for the branch, 3-3-3-3. No published check digit: only a word makes it a finding. Mistaken for it: telephone numbers, taxpayer numbers of \
        other countries. Reference: Bureau of Internal Revenue, NIRC section 236.",
};

/// Social security number.
pub(super) const SSS: Entity = Entity {
    name: "ph-sss",
    trigger: Trigger::Pattern(&[r"[0-9]{2}-[0-9]{7}-[0-9]", r"[0-9]{10}"]),
    examine: |site| site.grouped(0.7, |_| Some(-0.5)),
    mask: Mask { head: 0, tail: 3 },
    about: "Ten digits, 2-7-1. No published check digit: only a word makes it a finding. Mistaken for it: telephone numbers. Reference: Social Security System.",
};

/// Common reference number of the unified identity card.
pub(super) const UMID: Entity = Entity {
    name: "ph-umid",
    trigger: Trigger::Pattern(&[r"[0-9]{4}-[0-9]{7}-[0-9]", r"[0-9]{12}"]),
    examine: |site| site.grouped(0.7, |_| Some(-0.5)),
    mask: Mask { head: 0, tail: 3 },
    about: "CRN: twelve digits, 4-7-1. No published check digit: only a word makes it a finding. Mistaken for it: order numbers. Reference: Executive Order 420 (2005).",
};
