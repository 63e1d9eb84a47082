//! Verdicts in, bytes out: a report for a person, JSON for programs, a summary of many.

pub mod brief;
pub mod domain;
pub mod explanation;
pub mod json;
mod names;
pub mod summary;
pub mod text;
