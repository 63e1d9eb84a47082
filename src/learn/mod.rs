//! Mails of an organisation in, data for its policy out.

pub mod boilerplate;
