//! A Postfix of the test's own on loopback: everything of it is in one folder, nothing is asked of DNS, mail is delivered into a Maildir.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A folder that everybody may look into, removed at the end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let path = PathBuf::from(format!("/tmp/presend-test-{}-{number}", std::process::id()));
        fs::create_dir(&path).expect("a new folder");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
        Folder(path)
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left is in /tmp.
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) struct Postfix {
    pub(crate) smtp: SocketAddr,
    pub(crate) folder: Folder,
}

/// Whether there is a Postfix to be tested with; where CI runs there must be.
pub(crate) fn is_there() -> bool {
    let is_installed = Path::new("/usr/sbin/postfix").exists();
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if is_installed && is_root {
        return true;
    }
    let missing = if is_installed {
        "these tests need root"
    } else {
        "Postfix is not installed (apt-get install postfix)"
    };
    assert!(std::env::var_os("CI").is_none(), "{missing}");
    eprintln!("skipped: {missing}");
    false
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

impl Postfix {
    /// Starts one that asks `milter`; `settings` are lines of main.cf.
    pub(crate) fn start(milter: &str, settings: &str) -> Postfix {
        let folder = Folder::new();
        let base = folder.0.display().to_string();
        let port = free_port();
        for name in ["etc", "queue", "data", "mail"] {
            fs::create_dir(folder.join(name)).expect("a new folder");
        }
        run("chown", &["postfix", &format!("{base}/data"), &format!("{base}/mail")]);
        let ids = ["-u", "-g"].map(|kind| run("id", &[kind, "postfix"]).trim().to_owned());
        let main = MAIN
            .replace("{base}", &base)
            .replace("{uid}", &ids[0])
            .replace("{gid}", &ids[1])
            .replace("{milter}", milter);
        fs::write(folder.join("etc/main.cf"), main + settings + "\n").expect("ours");
        fs::write(folder.join("etc/master.cf"), MASTER.replace("{port}", &port.to_string())).expect("ours");
        run("postfix", &["-c", &format!("{base}/etc"), "start"]);
        let smtp = SocketAddr::from(([127, 0, 0, 1], port));
        let postfix = Postfix { smtp, folder };
        let limit = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(smtp).is_err() {
            assert!(Instant::now() < limit, "Postfix does not start:\n{}", postfix.log());
            thread::sleep(Duration::from_millis(50));
        }
        postfix
    }

    pub(crate) fn etc(&self) -> String {
        self.folder.join("etc").display().to_string()
    }

    /// Its log.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.join("maillog")).unwrap_or_default()
    }

    /// The messages that were delivered, once there are `count`.
    pub(crate) fn delivered(&self, count: usize) -> Vec<Vec<u8>> {
        let limit = Instant::now() + Duration::from_secs(60);
        loop {
            let entries = fs::read_dir(self.folder.join("mail/box/new")).into_iter().flatten().flatten();
            let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
            if paths.len() >= count {
                let mails = paths.iter().map(|path| fs::read(path).expect("delivered")).collect::<Vec<_>>();
                assert_eq!(mails.len(), count, "more was delivered than sent");
                return mails;
            }
            assert!(Instant::now() < limit, "{} of {count} delivered\n{}", paths.len(), self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ids of the messages in the hold queue.
    pub(crate) fn held(&self) -> Vec<String> {
        let list = run("postqueue", &["-c", &self.etc(), "-j"]);
        let entries = list.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let held = entries.filter(|entry| entry["queue_name"] == "hold");
        held.filter_map(|entry| entry["queue_id"].as_str().map(str::to_owned)).collect()
    }

    /// Hands a message over by sendmail(1).
    pub(crate) fn sendmail(&self, from: &str, to: &str, raw: &str) {
        let file = self.folder.join("message.eml");
        fs::write(&file, raw).expect("ours");
        let status = Command::new("/usr/sbin/sendmail")
            .env("MAIL_CONFIG", self.etc())
            .args(["-i", "-f", from, to])
            .stdin(fs::File::open(&file).expect("ours"))
            .status()
            .expect("sendmail runs");
        assert!(status.success());
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        let _ = Command::new("postfix").args(["-c", &self.etc(), "stop"]).output();
    }
}

/// Runs a program that must succeed; its output.
pub(crate) fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().expect("it is installed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

const MAIN: &str = "\
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {base}/maillog
maillog_file_prefixes = /tmp
myhostname = gw.example.com
mydomain = example.com
myorigin = gw.example.com
mydestination =
local_recipient_maps =
local_transport = error:no local delivery
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no
alias_maps =
alias_database =
default_transport = virtual:
relayhost =
virtual_mailbox_base = {base}/mail
virtual_mailbox_maps = static:box/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtpd_tls_security_level = none
smtp_tls_security_level = none
message_size_limit = 62914560
mailbox_size_limit = 0
virtual_mailbox_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_milters = {milter}
non_smtpd_milters = {milter}
milter_default_action = tempfail
";

const MASTER: &str = "\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";
