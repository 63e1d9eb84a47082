//! Mails of an organisation in, data for its policy out: one file or folder per kind of data.

pub mod boilerplate;
pub mod lexicon;
