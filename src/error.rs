//! The one error type. Bad content of a message is never an error; only reading files, a policy, arguments and sockets can fail.
//!
//! A message of an error is a clause that names the place and the way out.

use std::{fmt, io, path::PathBuf};

/// Why presend could not do its job.
#[derive(Debug)]
pub enum Error {
    /// A file, folder or stream could not be read or written.
    Io {
        /// What was being read or written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A policy or pack is wrong.
    Policy(PolicyError),
    /// The command line asks for something that cannot be.
    Usage(String),
}

/// A mistake in a policy file, with its place and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The file as the user named it, or the name of an embedded pack.
    pub file: String,
    /// Line from 1; 0 where the mistake is not at one place.
    pub line: usize,
    /// Column in code points from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl Error {
    /// An I/O failure at `path`.
    pub fn io(path: impl Into<PathBuf>, source: io::Error) -> Error {
        Error::Io { path: path.into(), source }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Io { path, source } if source.kind() == io::ErrorKind::NotFound => {
                write!(f, "{}: no such file or folder; check the path", path.display())
            }
            Error::Io { path, source } if source.kind() == io::ErrorKind::PermissionDenied => {
                write!(f, "{}: not readable for this user; check its permissions", path.display())
            }
            Error::Io { path, source } if source.kind() == io::ErrorKind::IsADirectory => {
                write!(f, "{}: is a folder; name a file in it", path.display())
            }
            Error::Io { path, source } if source.kind() == io::ErrorKind::InvalidData => {
                write!(f, "{}: is not UTF-8 text; save it as UTF-8", path.display())
            }
            Error::Io { path, source } => write!(f, "{}: {source}", path.display()),
            Error::Policy(error) => error.fmt(f),
            Error::Usage(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}; {}", self.file, self.problem, self.remedy)
        } else {
            write!(f, "{}:{}:{}: {}; {}", self.file, self.line, self.column, self.problem, self.remedy)
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<PolicyError> for Error {
    fn from(error: PolicyError) -> Error {
        Error::Policy(error)
    }
}
