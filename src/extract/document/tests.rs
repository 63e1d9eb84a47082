//! Documents that the tests build, and what is found in them.

mod binary;
mod built;
mod office;
mod open_document;
mod pdf;
mod rtf;
