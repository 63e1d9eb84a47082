//! Entities: kinds of values with structure. Each is one `const` with its pattern, its check and its mask, and one line in the registry.
//!
//! One lazy automaton over the patterns of all entities runs from each place where a value can start (a run of letters and digits that holds a digit), so text
//! without digits costs nothing. Patterns are ASCII over folded text; neighbours are checked by hand, because `\b` takes Chinese for letters.

mod address;
mod americas;
mod balkans;
mod baltic;
mod benelux;
mod birth;
mod britain;
mod card;
mod card_secret;
mod central_europe;
mod checksum;
mod china;
mod device;
mod disguise;
mod east_asia;
mod france;
mod german;
mod hong_kong;
mod iban;
mod iberia;
mod india;
mod italy;
mod label;
mod mrz;
mod near_east;
mod network;
mod nordic;
mod oceania_africa;
mod philippines;
mod phone;
mod public;
mod russia;
mod secret;
mod southeast_asia;
mod taiwan;
mod us;
mod vat;
mod wallet;

pub(crate) use secret::TOKENS;

use std::{collections::HashSet, fmt};

use regex_automata::{
    Anchored, Input, MatchKind,
    hybrid::dfa::{Cache, DFA, OverlappingState},
    nfa::thompson,
    util::{pool::Pool, syntax},
};

use super::{
    Evasion,
    lexicon::{Hit, Lexicon},
};
use crate::{
    error::PolicyError,
    extract,
    normalize::{Text, fold_term},
    policy::{Kind, Policy},
    span::Span,
};

/// A kind of value.
pub struct Entity {
    /// Its name in packs.
    pub name: &'static str,
    /// How its values are met.
    pub trigger: Trigger,
    /// Checks a possible value and says what format and checksum are worth.
    examine: fn(&Site<'_>) -> Option<Reading>,
    /// How much of a value may be shown.
    mask: Mask,
    /// What it is, how it is checked, what is mistaken for it, where it is defined.
    pub about: &'static str,
}

/// How values of an entity are met.
pub enum Trigger {
    /// By patterns over folded text, anchored where a run of letters and digits starts.
    Pattern(&'static [&'static str]),
    /// By fixed characters, lower case, anywhere.
    Literal(fn() -> Vec<String>),
    /// By the keywords and hints of its rule, anywhere.
    Words,
    /// By an `@` in it.
    At,
}

/// How much of a value may be shown: its first and last letters or digits.
#[derive(Clone, Copy)]
struct Mask {
    head: usize,
    tail: usize,
}

/// A place where a value may stand.
struct Site<'t> {
    text: &'t Text<'t>,
    /// What the trigger found, in folded text.
    span: Span,
    /// The folded text of that; for a value in disguise, what it stands for.
    value: &'t str,
    /// This year, if known.
    year: Option<u16>,
}

impl Site<'_> {
    /// The value read as a number: separators alike and single, and `check` says what its digits are worth.
    fn number(&self, check: fn(&str) -> Option<f64>) -> Option<Reading> {
        let digits = digits_of(self.value)?.to_ascii_uppercase();
        // Behind a plus stands a telephone number.
        let is_telephone = self.text.folded[..self.span.start].ends_with('+');
        if is_telephone || is_filler(&digits) {
            return None;
        }
        let bits = check(&digits)?;
        Some(Reading { canonical: digits, bits, span: self.span })
    }

    /// The same, worth `more` where it is written in groups.
    fn grouped(&self, more: f64, check: fn(&str) -> Option<f64>) -> Option<Reading> {
        let is_grouped = !self.value.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let reading = self.number(check)?;
        Some(Reading { bits: reading.bits + if is_grouped { more } else { 0.0 }, ..reading })
    }

    /// The same for a number whose separators differ on purpose, such as `A123456(3)`.
    fn grouped_freely(&self, more: f64, check: fn(&str) -> Option<f64>) -> Option<Reading> {
        let plain: String = self.value.chars().filter(char::is_ascii_alphanumeric).collect();
        let reading = Site { value: &plain, ..*self }.number(check)?;
        let is_grouped = plain.len() < self.value.len();
        Some(Reading { bits: reading.bits + if is_grouped { more } else { 0.0 }, ..reading })
    }

    /// The value read as a code whose pattern fixes its separators; `check` gets it bare, upper case, and whether it was written with separators.
    fn code(&self, check: impl FnOnce(&str, bool) -> Option<f64>) -> Option<Reading> {
        let code: String =
            self.value.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
        if is_filler(&code) {
            return None;
        }
        let bits = check(&code, code.len() < self.value.len())?;
        Some(Reading { canonical: code, bits, span: self.span })
    }

    /// Whether the letters of the value are capitals, as codes are printed.
    fn is_upper(&self) -> bool {
        !self.text.original(self.span).bytes().any(|byte| byte.is_ascii_lowercase())
    }

    /// The text before and behind the value, so many bytes of each; nothing around a value that was decoded.
    fn around(&self, len: usize) -> (&str, &str) {
        let folded = &self.text.folded;
        if self.value != self.span.of_str(folded) {
            return ("", "");
        }
        let from = crate::span::ceil_boundary(folded, self.span.start.saturating_sub(len));
        let to = crate::span::floor_boundary(folded, self.span.end + len);
        (&folded[from..self.span.start], &folded[self.span.end..to])
    }

    /// The value with groups of so many letters before it, each set apart by a sign: bare, and where it stands.
    fn led_by(&self, groups: &[usize]) -> Option<(String, Span)> {
        let len = groups.iter().sum::<usize>() + groups.len();
        let (mut rest, _) = self.around(len);
        let mut code = String::new();
        for group in groups {
            let (letters, behind) = rest.split_at_checked(*group)?;
            let is_set_apart = behind.starts_with([' ', '-']);
            if !is_set_apart || !letters.bytes().all(|byte| byte.is_ascii_lowercase()) {
                return None;
            }
            code.push_str(letters);
            rest = &behind[1..];
        }
        let span = Span::new(self.span.start - len, self.span.end);
        code.extend(self.value.chars().filter(char::is_ascii_alphanumeric));
        (rest.is_empty() && stands_alone(&self.text.folded, span)).then_some((code, span))
    }
}

/// A value that passed its check.
struct Reading {
    /// The value in canonical form.
    canonical: String,
    /// What format and checksum are worth, in decimal digits of odds against chance.
    bits: f64,
    /// The bytes of folded text that it takes.
    span: Span,
}

/// Every entity. A new one is a `const` in a file of this folder and a line here.
pub const ENTITIES: &[&Entity] = &[
    // China
    &china::RESIDENT_ID,
    &china::MOBILE,
    &china::LANDLINE,
    &china::HOTLINE,
    &china::PASSPORT,
    &china::HK_MACAU_PERMIT,
    &china::HOME_RETURN_PERMIT,
    &china::TAIWAN_PERMIT,
    &china::MILITARY_ID,
    &china::VEHICLE_PLATE,
    &china::DRIVING_LICENCE_FILE,
    &china::SOCIAL_SECURITY,
    &china::WECHAT,
    &china::QQ,
    &china::HOME_ADDRESS,
    &china::NAME,
    &china::BANK_ACCOUNT,
    &china::BANK_CODE,
    &china::CREDIT_CODE,
    &china::INVOICE,
    // Banks
    &card::BANK_CARD,
    &card_secret::SECURITY_CODE,
    &card_secret::TRACK,
    &iban::IBAN,
    // Americas
    &us::SSN,
    &us::ITIN,
    &us::EIN,
    &us::PASSPORT,
    &us::DRIVER_LICENCE,
    &us::ROUTING,
    &us::ACCOUNT,
    &us::MBI,
    &us::NPI,
    &us::DEA,
    &americas::CA_SIN,
    &americas::BR_CPF,
    &americas::BR_CNPJ,
    &americas::MX_CURP,
    &americas::MX_RFC,
    &americas::CL_RUT,
    &americas::AR_CUIT,
    &americas::AR_DNI,
    &americas::CO_NIT,
    &americas::CO_CEDULA,
    &americas::EC_CEDULA,
    &americas::PE_RUC,
    // Western Europe
    &britain::NINO,
    &britain::NHS,
    &britain::UTR,
    &britain::BANK_ACCOUNT,
    &britain::PASSPORT,
    &britain::DRIVING_LICENCE,
    &britain::PPS,
    &german::STEUER_ID,
    &german::PERSONALAUSWEIS,
    &german::REISEPASS,
    &german::SOZIALVERSICHERUNG,
    &german::SVNR,
    &german::AHV,
    &france::NIR,
    &france::SPI,
    &france::SIREN,
    &benelux::NATIONAL_NUMBER,
    &benelux::BSN,
    &benelux::MATRICULE,
    &iberia::DNI,
    &iberia::NIE,
    &iberia::CIF,
    &iberia::NIF,
    &iberia::NIPC,
    &iberia::CARTAO_DE_CIDADAO,
    &italy::CODICE_FISCALE,
    &italy::PARTITA_IVA,
    &italy::AMKA,
    &italy::AFM,
    &italy::CYPRUS_TIC,
    &italy::MALTA_ID,
    // Northern and eastern Europe
    &central_europe::PESEL,
    &central_europe::NIP,
    &central_europe::POLISH_ID_CARD,
    &central_europe::CZECH_BIRTH_NUMBER,
    &central_europe::TAJ,
    &central_europe::HUNGARIAN_TAX_ID,
    &balkans::CNP,
    &balkans::EGN,
    &balkans::OIB,
    &balkans::EMSO,
    &balkans::JMBG,
    &nordic::PERSONNUMMER,
    &nordic::PLAIN_PERSONNUMMER,
    &nordic::FODSELSNUMMER,
    &nordic::CPR,
    &nordic::HETU,
    &nordic::KENNITALA,
    &baltic::ISIKUKOOD,
    &baltic::PERSONAS_KODS,
    &baltic::ASMENS_KODAS,
    &russia::COMPANY_INN,
    &russia::PERSONAL_INN,
    &russia::SNILS,
    &russia::RUSSIAN_PASSPORT,
    &russia::RNOKPP,
    &near_east::TCKN,
    // Asia
    &hong_kong::HKID,
    &hong_kong::PLAIN_HKID,
    &hong_kong::MACAU_ID,
    &taiwan::NATIONAL_ID,
    &taiwan::RESIDENT_CERTIFICATE,
    &taiwan::UNIFORM_NUMBER,
    &india::AADHAAR,
    &india::PAN,
    &india::GSTIN,
    &southeast_asia::NRIC,
    &southeast_asia::MYKAD,
    &southeast_asia::NIK,
    &southeast_asia::THAI_ID,
    &southeast_asia::MST,
    &southeast_asia::CCCD,
    &philippines::TIN,
    &philippines::SSS,
    &philippines::UMID,
    &east_asia::MY_NUMBER,
    &east_asia::JAPANESE_PASSPORT,
    &east_asia::RRN,
    &east_asia::PLAIN_RRN,
    &east_asia::BRN,
    &east_asia::KOREAN_PASSPORT,
    &near_east::ISRAELI_ID,
    // Oceania and Africa
    &oceania_africa::AU_TFN,
    &oceania_africa::AU_ABN,
    &oceania_africa::AU_MEDICARE,
    &oceania_africa::NZ_IRD,
    &oceania_africa::ZA_ID,
    &oceania_africa::NG_NIN,
    // Addresses of people and machines
    &address::EMAIL_ADDRESS,
    &phone::PHONE,
    &phone::US_PHONE,
    &phone::UK_PHONE,
    &phone::HK_PHONE,
    &phone::MO_PHONE,
    &phone::TW_PHONE,
    &network::IP_ADDRESS,
    &network::INTERNAL_IP,
    &birth::DATE_OF_BIRTH,
    &mrz::MRZ,
    &mrz::PASSPORT,
    &wallet::WALLET,
    &device::IMEI,
    &device::VIN,
    // Secrets
    &secret::PRIVATE_KEY,
    &secret::ACCESS_KEY,
    &secret::SERVICE_TOKEN,
    &secret::SIGNED_TOKEN,
    &secret::CONNECTION_STRING,
    &secret::PASSWORD,
    &secret::ATTACHMENT_PASSWORD,
    &secret::WEBHOOK_URL,
    &secret::GENERIC_ASSIGNMENT,
    // Public numbers
    &vat::EU_VAT,
    &public::ISBN,
    &public::EAN,
    &public::ISSN,
    &public::LEI,
    &public::ISIN,
    &public::BIC,
    &public::UPS,
    &public::UUID,
    &network::MAC,
];

/// What was found in a message, and how much was not.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) list: Vec<Candidate>,
    pub(super) failed: Failed,
}

/// How many values of a rule's form failed its check.
#[derive(Default)]
pub(super) struct Failed(Vec<usize>);

impl Failed {
    fn count(&mut self, rule: usize) {
        if self.0.len() <= rule {
            self.0.resize(rule + 1, 0);
        }
        self.0[rule] += 1;
    }

    /// The number for a rule.
    pub(super) fn of(&self, rule: usize) -> usize {
        self.0.get(rule).copied().unwrap_or(0)
    }
}

/// The words of a text.
#[derive(Clone, Copy)]
pub(super) struct Words<'w> {
    pub(super) hits: &'w [Hit],
    pub(super) lexicon: &'w Lexicon,
    /// Rules whose values the subject names.
    pub(super) named: &'w [bool],
}

/// A value that was found, before it is weighed.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) rule: usize,
    pub(super) text: usize,
    pub(super) span: Span,
    pub(super) canonical: String,
    pub(super) masked: String,
    pub(super) bits: f64,
    /// How it is disguised, where that is known already.
    pub(super) evasion: Option<Evasion>,
    /// Whether only the disguise made it a value.
    pub(super) is_disguised: bool,
}

/// An entity that a rule looks for.
#[derive(Clone, Copy)]
struct Active {
    rule: usize,
    entity: &'static Entity,
    /// Nothing is found in a text that does not name it.
    needs_context: bool,
}

/// The entities that a policy looks for, compiled.
pub(super) struct Entities {
    active: Vec<Active>,
    automaton: DFA,
    /// Index into `active` of each pattern.
    patterns: Vec<usize>,
    caches: Pool<
        Cache,
        Box<dyn Fn() -> Cache + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>,
    >,
    year: Option<u16>,
}

impl fmt::Debug for Entities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.active.iter().map(|active| active.entity.name)).finish()
    }
}

/// Bytes of states that a thread keeps of the automaton; enough for all that mail makes it build.
const CACHE: usize = 32 << 20;

/// No value met by a pattern is longer, bytes of folded text.
const LONGEST: usize = 80;

impl Entities {
    /// Compiles the entities of a policy's rules.
    pub(super) fn compile(policy: &Policy) -> Result<Entities, PolicyError> {
        let mut active = Vec::new();
        for (index, rule) in policy.rules.iter().enumerate() {
            if let Kind::Entity { entity, needs_context, .. } = &rule.kind {
                let known = ENTITIES
                    .iter()
                    .find(|known| known.name == entity)
                    .ok_or_else(|| rule.unknown("entity", entity, ENTITIES.iter().map(|known| known.name)))?;
                active.push(Active { rule: index, entity: known, needs_context: *needs_context });
            }
        }
        let mut sources = Vec::new();
        let mut patterns = Vec::new();
        for (index, active) in active.iter().enumerate() {
            if let Trigger::Pattern(list) = active.entity.trigger {
                sources.extend_from_slice(list);
                patterns.resize(sources.len(), index);
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
        let caches: Pool<
            Cache,
            Box<dyn Fn() -> Cache + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>,
        > = Pool::new(Box::new(move || for_caches.create_cache()));
        Ok(Entities { active, automaton, patterns, caches, year: policy.year })
    }

    /// The fixed characters by which values of a rule's entity are met; `words` are the keywords and hints of the rule.
    pub(super) fn anchors(&self, rule: usize, words: &[&String]) -> Vec<String> {
        match self.active.iter().find(|active| active.rule == rule).map(|active| &active.entity.trigger) {
            Some(Trigger::Literal(literals)) => literals(),
            Some(Trigger::Words) => words.iter().map(|word| fold_term(word)).collect(),
            _ => Vec::new(),
        }
    }

    /// Finds every candidate in a text.
    pub(super) fn scan(
        &self,
        index: usize,
        text: &Text<'_>,
        words: Words<'_>,
        Candidates { list: candidates, failed }: &mut Candidates,
    ) {
        let Words { hits, lexicon, named } = words;
        let folded = &text.folded;
        let mut sink =
            Sink { text, index, year: self.year, named: named.to_vec(), least: f64::MIN, candidates };
        lexicon.named(hits, &mut sink.named);
        for (span, rule) in lexicon.anchors(hits) {
            if let Some(active) = self.active.iter().find(|active| active.rule == rule) {
                sink.examine(*active, span, span.of_str(folded), None);
            }
        }
        if text.zoned.segment.kind == extract::Kind::Links {
            // Numbers in link targets are no findings; keys are, and were found above.
            return;
        }
        self.at_signs(folded, &mut sink);
        if self.patterns.is_empty() {
            return;
        }
        let mut cache = self.caches.get();
        let mut ends: Vec<(usize, usize)> = Vec::new();
        let mut starts = Starts::new(folded);
        while let Some((start, end)) = starts.next() {
            self.longest(&mut cache, folded, start, &mut ends, |active, end| {
                let span = Span::new(start, end);
                if !stands_alone(folded, span) {
                    return false;
                }
                let holds = sink.examine(active, span, span.of_str(folded), None);
                if !holds {
                    failed.count(active.rule);
                }
                holds
            });
            self.encoded(&mut cache, Span::new(start, end), &mut sink);
        }
        let known: HashSet<(usize, Span)> = sink
            .candidates
            .iter()
            .rev()
            .take_while(|one| one.text == index)
            .map(|one| (one.rule, one.span))
            .collect();
        disguise::chains(folded, |chain| {
            for (first, digits) in chain.readings() {
                self.longest(&mut cache, digits, 0, &mut ends, |active, len| {
                    let Some(span) = chain.span(first, len) else { return false };
                    let evasion = chain.evasion(folded, span);
                    let is_spread =
                        matches!(evasion, Evasion::Separators | Evasion::Cells | Evasion::LineBreaks);
                    sink.least = if is_spread && !chain.is_even(folded, span) { FIRM } else { f64::MIN };
                    !known.contains(&(active.rule, span))
                        && stands_alone(folded, span)
                        && sink.examine(active, span, &digits[..len], Some(evasion))
                });
            }
        });
    }

    /// Finds a number that begins at the end of the subject and ends at the start of the text.
    pub(super) fn scan_across(&self, texts: &[Text<'_>], candidates: &mut Vec<Candidate>) {
        let of =
            |kind: &[extract::Kind]| texts.iter().position(|text| kind.contains(&text.zoned.segment.kind));
        let (Some(subject), Some(body)) =
            (of(&[extract::Kind::Subject]), of(&[extract::Kind::Plain, extract::Kind::Html]))
        else {
            return;
        };
        let Some((digits, span)) = disguise::across(&texts[subject].folded, &texts[body].folded) else {
            return;
        };
        let (text, named) = (&texts[subject], Vec::new());
        let mut sink = Sink { text, index: subject, year: self.year, named, least: f64::MIN, candidates };
        self.longest(&mut self.caches.get(), &digits, 0, &mut Vec::new(), |active, len| {
            len == digits.len() && sink.examine(active, span, &digits, Some(Evasion::SubjectAndText))
        });
    }

    /// Finds values in what a run of letters and digits decodes to.
    fn encoded(&self, cache: &mut Cache, run: Span, sink: &mut Sink<'_, '_>) {
        let Some((plain, span)) = disguise::decoded(sink.text, run) else { return };
        let mut starts = Starts::new(&plain);
        while let Some((start, _)) = starts.next() {
            self.longest(cache, &plain, start, &mut Vec::new(), |active, end| {
                let value = Span::new(start, end);
                stands_alone(&plain, value)
                    && sink.examine(active, span, value.of_str(&plain), Some(Evasion::Encoded))
            });
        }
    }

    /// Calls `holds` with the readings that start at `start`, for each entity the longest first, until one holds.
    fn longest(
        &self,
        cache: &mut Cache,
        folded: &str,
        start: usize,
        ends: &mut Vec<(usize, usize)>,
        mut holds: impl FnMut(Active, usize) -> bool,
    ) {
        ends.clear();
        self.ends(cache, folded, start, ends);
        ends.sort_unstable_by_key(|(active, end)| (*active, std::cmp::Reverse(*end)));
        let mut done = None;
        for &(active, end) in ends.iter() {
            if done != Some(active) && holds(self.active[active], end) {
                done = Some(active);
            }
        }
    }

    /// Where patterns that start at `start` end.
    fn ends(&self, cache: &mut Cache, folded: &str, start: usize, ends: &mut Vec<(usize, usize)>) {
        let input = Input::new(folded).span(start..folded.len().min(start + LONGEST)).anchored(Anchored::Yes);
        let mut state = OverlappingState::start();
        // An error would mean that the cache is too small for one state; the text then has no candidate here.
        while self.automaton.try_search_overlapping_fwd(cache, &input, &mut state).is_ok() {
            let Some(found) = state.get_match() else { break };
            ends.push((self.patterns[found.pattern().as_usize()], found.offset()));
        }
    }

    /// Examines every `@`.
    fn at_signs(&self, folded: &str, sink: &mut Sink<'_, '_>) {
        for active in self.active.iter().filter(|active| matches!(active.entity.trigger, Trigger::At)) {
            for at in memchr::memchr_iter(b'@', folded.as_bytes()) {
                sink.examine(*active, Span::new(at, at + 1), "@", None);
            }
        }
    }
}

/// Where the candidates of a text go.
struct Sink<'s, 't> {
    text: &'s Text<'t>,
    index: usize,
    year: Option<u16>,
    /// Rules that a word of the text names the values of.
    named: Vec<bool>,
    /// What format and checksum must be worth.
    least: f64,
    candidates: &'s mut Vec<Candidate>,
}

/// Format and checksum of a number that cannot be another one grouped otherwise.
const FIRM: f64 = 2.0;

impl Sink<'_, '_> {
    /// Checks a possible value, and keeps it if it passes.
    fn examine(
        &mut self,
        Active { rule, entity, needs_context }: Active,
        span: Span,
        value: &str,
        evasion: Option<Evasion>,
    ) -> bool {
        if needs_context && !self.named.get(rule).is_some_and(|named| *named) {
            return false;
        }
        let site = Site { text: self.text, span, value, year: self.year };
        let Some(reading) = (entity.examine)(&site).filter(|reading| reading.bits >= self.least) else {
            return false;
        };
        let masked = entity.mask.apply(self.text.original(reading.span));
        let (canonical, bits, span) = (reading.canonical, reading.bits, reading.span);
        let is_disguised = evasion.is_some();
        let text = self.index;
        self.candidates.push(Candidate { rule, text, span, canonical, masked, bits, evasion, is_disguised });
        true
    }
}

/// Characters of a masked value that are shown at most.
const LONGEST_SHOWN: usize = 72;

impl Mask {
    /// The value as it may be shown: letters and digits between head and tail are stars, separators stay.
    fn apply(self, value: &str) -> String {
        let is_part = |c: char| c.is_alphanumeric();
        // Of what is longer than a line the beginning is enough.
        let (value, tail) = match value.char_indices().nth(LONGEST_SHOWN) {
            Some((end, _)) => (&value[..end], 0),
            None => (value, self.tail),
        };
        let count = value.chars().filter(|c| is_part(*c)).count();
        // Short values show nothing.
        let (head, tail) = if count > self.head + tail { (self.head, tail) } else { (0, 0) };
        let mut index = 0;
        value
            .chars()
            .filter(|c| !c.is_control())
            .map(|c| {
                if !is_part(c) {
                    return c;
                }
                index += 1;
                if index <= head || index > count - tail { c } else { '*' }
            })
            .collect()
    }
}

/// Finds the runs of ASCII letters and digits that hold a digit, and a few letters set apart before them: `AB 12 34 56 C`.
struct Starts<'t> {
    bytes: &'t [u8],
    at: usize,
    /// The run whose letters before it came first.
    pending: Option<(usize, usize)>,
}

impl<'t> Starts<'t> {
    fn new(text: &'t str) -> Starts<'t> {
        Starts { bytes: text.as_bytes(), at: 0, pending: None }
    }

    /// Where a value may start, and where the run that it starts with ends.
    fn next(&mut self) -> Option<(usize, usize)> {
        if let Some(run) = self.pending.take() {
            return Some(run);
        }
        let digit = self.next_digit()?;
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let before = self.bytes[..digit].iter().rev().take(LONGEST).take_while(|byte| is_part(byte)).count();
        let behind = self.bytes[digit..].iter().take_while(|byte| is_part(byte)).count();
        self.at = digit + behind;
        let (start, end) = (digit - before, digit + behind);
        let Some(letters) = self.letters_before(start) else { return Some((start, end)) };
        self.pending = Some((start, end));
        Some((letters, end))
    }

    /// Where up to three letters start that stand one space, hyphen or `<` before a run.
    fn letters_before(&self, start: usize) -> Option<usize> {
        let (sign, before) = self.bytes[..start].split_last()?;
        if !matches!(sign, b' ' | b'-' | b'.') {
            return None;
        }
        let letters = before.iter().rev().take(4).take_while(|byte| byte.is_ascii_alphabetic()).count();
        let at = before.len() - letters;
        let is_word = before[..at].last().is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        ((1..=3).contains(&letters) && is_word).then_some(at)
    }

    /// The next digit at or behind `at`; blocks without one are skipped whole.
    fn next_digit(&self) -> Option<usize> {
        const BLOCK: usize = 64;
        let mut at = self.at;
        while at < self.bytes.len() {
            let block = &self.bytes[at..self.bytes.len().min(at + BLOCK)];
            if block.iter().fold(false, |found, byte| found | byte.is_ascii_digit()) {
                return block.iter().position(u8::is_ascii_digit).map(|index| at + index);
            }
            at += BLOCK;
        }
        None
    }
}

/// Whether a value stands by itself: not part of a longer number, name, address or link.
fn stands_alone(folded: &str, span: Span) -> bool {
    let bytes = folded.as_bytes();
    let before = bytes[..span.start].last().copied().unwrap_or(b' ');
    let before_that = bytes[..span.start.saturating_sub(1)].last().copied().unwrap_or(b' ');
    let behind = bytes.get(span.end).copied().unwrap_or(b' ');
    let behind_that = bytes.get(span.end + 1).copied().unwrap_or(b' ');
    let part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if part(before) || part(behind) || matches!(behind, b'@' | b'%') || matches!(before, b'@' | b'%') {
        return false;
    }
    // The tail of 8-4-4-4-12, of a version, of a path; the head of the same. A word before it is a label: `Tel.138...`, `ID-1101...`.
    if matches!(before, b'-' | b'.' | b'/' | b'+') && before_that.is_ascii_alphanumeric() {
        let word =
            bytes[..span.start - 1].iter().rev().take(12).take_while(|byte| byte.is_ascii_alphanumeric());
        if before_that.is_ascii_digit()
            || word.clone().any(u8::is_ascii_digit)
            || word.count() == 4 && before == b'-'
        {
            return false;
        }
    }
    if matches!(behind, b'-' | b'.' | b'/' | b'+') && behind_that.is_ascii_digit() {
        return false;
    }
    !in_locator(bytes, span)
}

/// Whether the unbroken run of ASCII around a span is a link, a path with a query, or a Message-ID.
fn in_locator(bytes: &[u8], span: Span) -> bool {
    let in_run =
        |byte: &&u8| !matches!(**byte, b' ' | b'\t' | b'\n' | b'"' | b'<' | b'>' | b'(' | b')' | 0x80..);
    let start = span.start - bytes[..span.start].iter().rev().take(400).take_while(in_run).count();
    let run = &bytes[start..span.start];
    if run.is_empty() {
        return false;
    }
    let behind = bytes[span.end..].iter().take(200).take_while(in_run).count();
    memchr::memmem::find(run, b"://").is_some()
        || run.starts_with(b"www.")
        || run.starts_with(b"mailto:")
        || run.starts_with(b"cid:")
        || (run.contains(&b'?') && run.contains(&b'='))
        || bytes[span.end..span.end + behind].contains(&b'@')
}

/// The digits of a value whose separators are all alike; `None` where they are mixed or doubled.
fn digits_of(value: &str) -> Option<String> {
    let mut separator = None;
    let mut digits = String::with_capacity(value.len());
    let mut last_was_digit = false;
    for c in value.chars() {
        if c.is_ascii_alphanumeric() {
            digits.push(c);
            last_was_digit = true;
        } else {
            if !last_was_digit || *separator.get_or_insert(c) != c {
                return None;
            }
            last_was_digit = false;
        }
    }
    Some(digits)
}

/// A number that people write to have a number: one digit over and over, or counting up or down.
fn is_filler(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    let step = |by: u8| {
        bytes
            .windows(2)
            .all(|pair| (pair[1].wrapping_sub(b'0')) % 10 == (pair[0].wrapping_sub(b'0') + by) % 10)
    };
    step(0) || step(1) || step(9)
}

#[cfg(test)]
mod tests;
