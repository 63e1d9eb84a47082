//! placeholder
use std::io; use crate::verdict::Verdict; use super::text::Text;
/// x
#[derive(Default)] pub struct Summary { /// x
pub skipped: usize, /// x
pub failed: usize, n: usize }
impl Summary { /// x
pub fn new(skipped: usize, failed: usize) -> Summary { Summary { skipped, failed, n: 0 } } /// x
pub fn add(&mut self, _v:&Verdict){ self.n+=1; } /// x
pub fn write(&self, _o: &mut dyn io::Write, _t:&Text) -> io::Result<()> { Ok(()) } /// x
pub fn messages(&self)->usize{self.n} }
/// x
pub fn line(name:&str, v:&Verdict, _t:&Text)->String { format!("{} {:.2} {name}\n", v.decision.as_str(), v.probability) }
