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
mod candidate;
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
mod machine;
mod mrz;
mod near_east;
mod neighbours;
mod network;
mod nordic;
mod oceania_africa;
mod philippines;
mod phone;
mod public;
mod runs;
mod russia;
mod scan;
mod secret;
mod site;
mod southeast_asia;
mod taiwan;
mod us;
mod vat;
mod wallet;

pub(super) use self::{
    candidate::{Candidate, Candidates, Failed},
    scan::{Entities, Words},
};
use self::{
    neighbours::stands_alone,
    site::{Reading, Site, digits_of, is_filler},
};
pub(crate) use secret::TOKENS;

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
    /// The same, where a word may head a column of values: the examination reads the first of them, this the others.
    Column(Others),
    /// By an `@` in it.
    At,
}

/// Reads the values of a column behind the first.
pub struct Others(fn(&Site<'_>, &Reading) -> Vec<Reading>);

/// How much of a value may be shown: its first and last letters or digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::detect) struct Mask {
    head: u8,
    tail: u8,
}

/// Characters of a masked value that are shown at most.
const LONGEST_SHOWN: usize = 72;

impl Mask {
    /// Of an address: its first letter.
    pub(in crate::detect) const ADDRESS: Mask = Mask { head: 1, tail: 0 };

    /// The value as it may be shown: letters and digits between head and tail are stars, separators stay.
    pub(super) fn apply(self, value: &str) -> String {
        let is_part = |c: char| c.is_alphanumeric();
        // Of what is longer than a line the beginning is enough.
        let (value, tail) = match value.char_indices().nth(LONGEST_SHOWN) {
            Some((end, _)) => (&value[..end], 0),
            None => (value, usize::from(self.tail)),
        };
        let count = value.chars().filter(|c| is_part(*c)).count();
        // Short values show nothing.
        let head = usize::from(self.head);
        let (head, tail) = if count > head + tail { (head, tail) } else { (0, 0) };
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
    &americas::CL_RUN,
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
    &secret::HTTP_CREDENTIALS,
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

#[cfg(test)]
mod tests;
