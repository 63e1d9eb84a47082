//! Which program is the real sendmail: the one that is named, or the system's; never presend itself under another name.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Where systems keep it; under the second names where presend was put in its place by dpkg-divert or by hand.
const FOLDERS: &[&str] = &["/usr/sbin", "/usr/lib", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
const NAMES: &[&str] = &["sendmail.real", "sendmail.distrib", "sendmail.postfix", "sendmail"];

/// The real sendmail; else what is wrong.
pub(super) fn find(named: Option<&Path>) -> Result<PathBuf, String> {
    let named = named.map(Path::to_path_buf).or_else(|| env::var_os("PRESEND_SENDMAIL").map(PathBuf::from));
    if let Some(path) = named {
        if !path.is_file() {
            return Err(format!("{}: no such program; name the real sendmail", path.display()));
        }
        if is_presend(&path) {
            return Err(format!("{}: is presend itself; name the real sendmail", path.display()));
        }
        return Ok(path);
    }
    let places = FOLDERS.iter().flat_map(|folder| NAMES.iter().map(move |name| Path::new(folder).join(name)));
    places.into_iter().find(|path| path.is_file() && !is_presend(path)).ok_or_else(|| {
        "no sendmail on this system; name the real one with --sendmail or PRESEND_SENDMAIL".to_owned()
    })
}

/// Whether a path leads to the program that runs.
fn is_presend(path: &Path) -> bool {
    let Ok(own) = env::current_exe() else { return false };
    let real = |path: &Path| fs::canonicalize(path).ok();
    real(path) == real(&own) || is_same_file(path, &own)
}

/// Whether two paths are one file under two names.
#[cfg(unix)]
fn is_same_file(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let id = |path: &Path| fs::metadata(path).map(|found| (found.dev(), found.ino())).ok();
    id(one).is_some() && id(one) == id(other)
}

#[cfg(not(unix))]
fn is_same_file(_: &Path, _: &Path) -> bool {
    false
}
