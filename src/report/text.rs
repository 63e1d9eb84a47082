//! placeholder until the report lands
use crate::{policy::Language, verdict::Verdict};
use std::io;
/// x
pub struct Text { /// x
pub language: Language, /// x
pub colour: bool, /// x
pub show_matches: bool, /// x
pub width: usize }
/// x
pub fn write(out: &mut dyn io::Write, name: &str, verdict: &Verdict, _o: &Text) -> io::Result<()> { writeln!(out, "{name} {verdict:#?}") }
/// x
pub fn wrap(text: &str, _width: usize) -> Vec<String> { vec![text.to_owned()] }
