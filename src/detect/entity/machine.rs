//! One lazy automaton over the patterns of many entities: from a place where a value can start, every place where one ends.

use std::panic::{RefUnwindSafe, UnwindSafe};

use regex_automata::{
    Anchored, Input, MatchKind,
    hybrid::{
        CacheError,
        dfa::{Cache, DFA},
    },
    nfa::thompson,
    util::{
        pool::{Pool, PoolGuard},
        syntax,
    },
};

use super::{Entity, Trigger, runs::LONGEST};

/// An entity that a rule looks for.
#[derive(Clone, Copy)]
pub(super) struct Active {
    pub(super) rule: usize,
    pub(super) entity: &'static Entity,
    /// Nothing is found in a text that does not name it.
    pub(super) needs_context: bool,
}

/// Makes what a search writes into.
type MakeCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// A lazy automaton over patterns.
pub(super) struct Machine {
    automaton: DFA,
    /// The entities that it looks for, by rule.
    active: Vec<Active>,
    /// The entity of each pattern, as an index.
    patterns: Vec<u32>,
    caches: Pool<Cache, MakeCache>,
}

/// Bytes of states that a thread keeps of an automaton; enough for all that mail makes it build.
const CACHE: usize = 32 << 20;

impl Machine {
    /// `active` come by rule.
    pub(super) fn new(active: &[Active], belongs: impl Fn(&Active) -> bool) -> Machine {
        let (mut sources, mut patterns, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for active in active.iter().filter(|active| belongs(active)) {
            if let Trigger::Pattern(list) = active.entity.trigger {
                sources.extend_from_slice(list);
                patterns.resize(sources.len(), kept.len() as u32);
                kept.push(*active);
            }
        }
        let automaton = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).cache_capacity(CACHE))
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .thompson(thompson::Config::new().utf8(false))
            .build_many(&sources)
            .expect(
                "the patterns of the registry are tested to compile (alternatives, no classes, beyond ASCII)",
            );
        let for_caches = automaton.clone();
        let create: MakeCache = Box::new(move || for_caches.create_cache());
        Machine { automaton, active: kept, patterns, caches: Pool::new(create) }
    }
}

/// A machine at work on one text.
pub(super) struct Search<'e> {
    machine: &'e Machine,
    cache: PoolGuard<'e, Cache, MakeCache>,
    /// Whose values can count in the text, by index.
    wanted: Vec<bool>,
    ends: Vec<Reading>,
}

/// Where a value of an entity ends, as what readings are sorted by: by rule, the longest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reading(u64);

impl Reading {
    fn new(active: u32, end: usize) -> Reading {
        Reading(u64::from(active) << 32 | u64::from(u32::MAX - end as u32))
    }

    fn active(self) -> usize {
        (self.0 >> 32) as usize
    }

    fn end(self) -> usize {
        (u32::MAX - self.0 as u32) as usize
    }
}

impl<'e> Search<'e> {
    pub(super) fn new(machine: &'e Machine) -> Search<'e> {
        let wanted = vec![true; machine.active.len()];
        Search { machine, cache: machine.caches.get(), wanted, ends: Vec::new() }
    }

    /// Looks only for values of the entities that `wants` tells, of those that were looked for.
    pub(super) fn only(&mut self, wants: impl Fn(&Active) -> bool) {
        for (active, wanted) in self.machine.active.iter().zip(&mut self.wanted) {
            *wanted &= wants(active);
        }
    }

    /// Calls `holds` with the readings that start at `start`, for each entity the longest first, until one holds.
    pub(super) fn longest(&mut self, folded: &str, start: usize, holds: impl FnMut(Active, usize) -> bool) {
        self.longest_ending(folded, start, |_| true, holds);
    }

    /// The same with those that end where a value `can_end`, which is asked once for each place.
    pub(super) fn longest_ending(
        &mut self,
        folded: &str,
        start: usize,
        can_end: impl FnMut(usize) -> bool,
        mut holds: impl FnMut(Active, usize) -> bool,
    ) {
        self.ends.clear();
        // An error would mean that the cache is too small for one state; the text then has no candidate here.
        let _ = self.find_ends(folded, start, can_end);
        self.ends.sort_unstable();
        // An entity may have several patterns for the same value.
        self.ends.dedup();
        let mut done = None;
        for reading in &self.ends {
            if done != Some(reading.active())
                && holds(self.machine.active[reading.active()], start + reading.end())
            {
                done = Some(reading.active());
            }
        }
    }

    /// Notes where patterns end that start at `start`.
    fn find_ends(
        &mut self,
        folded: &str,
        start: usize,
        mut can_end: impl FnMut(usize) -> bool,
    ) -> Result<(), CacheError> {
        let Search { machine: Machine { automaton, patterns, .. }, cache, wanted, ends } = self;
        let cache: &mut Cache = cache;
        let last = folded.len().min(start + LONGEST);
        let input = Input::new(folded).span(start..last).anchored(Anchored::Yes);
        let Ok(mut state) = automaton.start_state_forward(cache, &input) else { return Ok(()) };
        for at in start..=last {
            state = match folded.as_bytes().get(at) {
                Some(byte) => automaton.next_state(cache, state, *byte)?,
                None => automaton.next_eoi_state(cache, state)?,
            };
            if !state.is_tagged() {
                continue;
            }
            if state.is_dead() || state.is_quit() {
                break;
            }
            // A match is known one byte behind its end.
            if state.is_match() && can_end(at) {
                for index in 0..automaton.match_len(cache, state) {
                    let active = patterns[automaton.match_pattern(cache, state, index).as_usize()];
                    if wanted[active as usize] {
                        ends.push(Reading::new(active, at - start));
                    }
                }
            }
        }
        Ok(())
    }
}
