//! One lazy automaton over the patterns of many entities: from a place where a value can start, every place where one ends.

use std::panic::{RefUnwindSafe, UnwindSafe};

use regex_automata::{
    Anchored, Input, MatchKind,
    hybrid::dfa::{Cache, DFA, OverlappingState},
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
    /// The entity of each pattern.
    patterns: Vec<Active>,
    caches: Pool<Cache, MakeCache>,
}

/// Bytes of states that a thread keeps of an automaton; enough for all that mail makes it build.
const CACHE: usize = 32 << 20;

impl Machine {
    pub(super) fn new(active: &[Active], belongs: impl Fn(&Active) -> bool) -> Machine {
        let mut sources = Vec::new();
        let mut patterns = Vec::new();
        for active in active.iter().filter(|active| belongs(active)) {
            if let Trigger::Pattern(list) = active.entity.trigger {
                sources.extend_from_slice(list);
                patterns.resize(sources.len(), *active);
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
        Machine { automaton, patterns, caches: Pool::new(create) }
    }

    /// Where patterns that start at `start` end.
    fn ends(&self, cache: &mut Cache, folded: &str, start: usize, ends: &mut Vec<(Active, usize)>) {
        let input = Input::new(folded).span(start..folded.len().min(start + LONGEST)).anchored(Anchored::Yes);
        let mut state = OverlappingState::start();
        // An error would mean that the cache is too small for one state; the text then has no candidate here.
        while self.automaton.try_search_overlapping_fwd(cache, &input, &mut state).is_ok() {
            let Some(found) = state.get_match() else { break };
            ends.push((self.patterns[found.pattern().as_usize()], found.offset()));
        }
    }
}

/// The machines at work on one text.
pub(super) struct Search<'e> {
    machines: Vec<(&'e Machine, PoolGuard<'e, Cache, MakeCache>)>,
    ends: Vec<(Active, usize)>,
}

impl<'e> Search<'e> {
    pub(super) fn new(machines: impl IntoIterator<Item = &'e Machine>) -> Search<'e> {
        let machines = machines.into_iter().filter(|machine| !machine.patterns.is_empty());
        Search {
            machines: machines.map(|machine| (machine, machine.caches.get())).collect(),
            ends: Vec::new(),
        }
    }

    /// Calls `holds` with the readings that start at `start`, for each entity the longest first, until one holds.
    pub(super) fn longest(
        &mut self,
        folded: &str,
        start: usize,
        mut holds: impl FnMut(Active, usize) -> bool,
    ) {
        self.ends.clear();
        for (machine, cache) in &mut self.machines {
            machine.ends(cache, folded, start, &mut self.ends);
        }
        self.ends.sort_unstable_by_key(|(active, end)| (active.rule, std::cmp::Reverse(*end)));
        let mut done = None;
        for (active, end) in &self.ends {
            if done != Some(active.rule) && holds(*active, *end) {
                done = Some(active.rule);
            }
        }
    }
}
