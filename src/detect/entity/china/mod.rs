//! China: identity documents, telephone numbers, businesses and what belongs to people. Each entity is a `const`; the registry is `super::ENTITIES`.

mod business;
mod identity;
mod person;
mod phone;

pub(super) use self::{
    business::{BANK_ACCOUNT, BANK_CODE, CREDIT_CODE, INVOICE},
    identity::{
        DRIVING_LICENCE_FILE, HK_MACAU_PERMIT, HOME_RETURN_PERMIT, MILITARY_ID, PASSPORT, RESIDENT_ID,
        SOCIAL_SECURITY, TAIWAN_PERMIT,
    },
    person::{HOME_ADDRESS, NAME, QQ, VEHICLE_PLATE, WECHAT},
    phone::{HOTLINE, LANDLINE, MOBILE},
};
