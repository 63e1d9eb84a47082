//! Documents of office programs and PDF files: text in pieces, files within, and what could not be read.
//!
//! Each format is a function from bytes to pieces, in a file here, and a line in [`READERS`]; none knows where the bytes came from. What office formats
//! share is in files of its own: packages, XML, text in the making, compound files.

mod biff;
mod binary_sheets;
mod bytes;
mod doc;
mod docx;
mod drawing;
mod encrypted;
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
mod rtf;
mod sheetml;
mod wordml;
mod xlsx;
mod xml;

#[cfg(test)]
mod tests;

use super::attached::Reader;

/// Every reader of documents.
pub(super) const READERS: &[Reader] = &[
    Reader { knows: |head| head.format.id == "docx", read: docx::read },
    Reader { knows: |head| head.format.id == "xlsx", read: xlsx::read },
    Reader { knows: |head| head.format.id == "xlsb", read: binary_sheets::read_xlsb },
    Reader { knows: |head| head.format.id == "xls", read: binary_sheets::read_xls },
    Reader { knows: |head| head.format.id == "pptx", read: pptx::read },
    Reader { knows: |head| matches!(head.format.id, "odt" | "ods" | "odp"), read: odf::read },
    Reader { knows: |head| head.format.id == "rtf", read: rtf::read },
    Reader { knows: |head| head.format.id == "doc", read: doc::read },
    Reader { knows: |head| head.format.id == "ppt", read: ppt::read },
    Reader { knows: |head| head.format.id == "pdf", read: pdf::read },
    Reader { knows: |head| head.format.id == "office-encrypted", read: encrypted::read },
];
