//! Documents of office programs and PDF files: what they are, by their content, and the text in them.
//!
//! Each format is a function from bytes to pieces of text, files within and what could not be read; none knows where the bytes came from.

mod biff;
mod binary_sheets;
mod bytes;
mod doc;
mod docx;
mod drawing;
mod flow;
mod number;
mod odf;
mod ole;
mod package;
mod pdf;
mod ppt;
mod pptx;
mod properties;
mod property_sets;
mod reading;
mod rtf;
mod sheetml;
mod wordml;
mod xlsx;
mod xml;

#[cfg(test)]
mod tests;
