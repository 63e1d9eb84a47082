//! The mail gateway: a milter service. Connections of mail servers in, answers by verdict and policy out.
//!
//! [`protocol`], [`session`], [`transaction`] and [`action`] are pure: bytes and verdicts in, bytes and answers out. [`listen`], `connection` and
//! [`service`] move the bytes, `judge` keeps threads that judge, `spool` and `cache` bound what is kept, `record`, `metrics` and `admin` tell of it.
//! The protocol layer is our own: a reply set is one write, replies that were negotiated away are not sent, PROGRESS goes out while a message is
//! judged, and nothing that a mail server sends ends in a message that passes unjudged.

pub mod action;
mod admin;
mod cache;
mod connection;
mod judge;
pub mod listen;
mod metrics;
#[cfg(target_os = "linux")]
mod notify;
pub mod protocol;
mod record;
pub mod service;
pub mod session;
mod spool;
pub mod transaction;

#[cfg(target_os = "linux")]
pub use self::notify::Systemd;
pub use self::{
    admin::ask_to_reload,
    judge::{Judge, Judgement, Regime, RuleCount},
    service::{Reload, Service},
};
