use super::{NO_LIMIT, PORT, Process, Scratch, free_address, run, tool};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;

/// A real OpenSSH server that offers one folder by SFTP.
pub struct Sshd {
    /// Where it listens, at [`PORT`].
    pub address: Ipv4Addr,
    /// Who may log in.
    pub user: String,
    scratch: Scratch,
    file_kib: String,
    process: Option<Process>,
}

impl Sshd {
    /// One with room for everything.
    pub fn start() -> Self {
        Self::with_room(NO_LIMIT)
    }

    /// One for which the disk is full when a file has so many KiB.
    pub fn with_full_disk(file_kib: u32) -> Self {
        Self::with_room(&file_kib.to_string())
    }

    fn with_room(file_kib: &str) -> Self {
        let scratch = Scratch::new("sshd");
        for key in ["host_key", "user_key", "other_key"] {
            key_file(&scratch, key);
        }
        let allowed = std::fs::read_to_string(scratch.path("user_key.pub")).expect("a key is text");
        scratch.write("authorized_keys", &allowed);
        let output = Command::new("id").arg("-un").output().expect("a user has a name");
        let user = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let (address, file_kib) = (free_address(), file_kib.to_owned());
        let mut it = Self { address, user, scratch, file_kib, process: None };
        it.restart();
        it
    }

    /// Ends it, if it runs, and starts it with what lies in its directory now.
    pub fn restart(&mut self) {
        self.process = None;
        // The package's service makes it, where there is one.
        drop(std::fs::create_dir_all("/run/sshd"));
        let path = |name: &str| self.scratch.path(name).display().to_string();
        let text = format!(
            "Port {PORT}\nListenAddress {}\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication yes\nPermitRootLogin yes\n\
             Subsystem sftp internal-sftp -d {}\nMaxStartups 100\n",
            self.address,
            path("host_key"),
            path("authorized_keys"),
            path("files"),
        );
        let config = self.scratch.write("sshd_config", &text).display().to_string();
        let sshd = tool("sshd", "openssh-server");
        let arguments = ["-D", "-e", "-f", &config];
        self.process = Some(Process::start(&sshd, &arguments, self.address, &self.file_kib));
    }

    /// Gives it another key, as a server in the middle has.
    pub fn change_host_key(&mut self) {
        for name in ["host_key", "host_key.pub"] {
            std::fs::remove_file(self.scratch.path(name)).expect("a key can be removed");
        }
        key_file(&self.scratch, "host_key");
        self.restart();
    }

    /// The line of a `known_hosts` file that names it.
    pub fn known_hosts_line(&self) -> String {
        let key = std::fs::read_to_string(self.scratch.path("host_key.pub"));
        format!("{} {}", self.address, key.expect("a key is text").trim())
    }

    /// The key that may log in.
    pub fn user_key(&self) -> PathBuf {
        self.scratch.path("user_key")
    }

    /// A key that may not.
    pub fn other_key(&self) -> PathBuf {
        self.scratch.path("other_key")
    }

    /// The folder it offers.
    pub fn files(&self) -> PathBuf {
        self.scratch.path("files")
    }
}

fn key_file(scratch: &Scratch, name: &str) {
    let mut keygen = Command::new(tool("ssh-keygen", "openssh-client"));
    run(keygen.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(scratch.path(name)));
}
