//! Documents that the tests build, and what is found in them.

mod built;
mod office;
