use super::{DATA_PORTS, NO_LIMIT, PORT, Process, Scratch, free_address, run, tool};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Who may log in.
const USER: &str = "anonymous";
/// With which password.
const PASSWORD: &str = "not-a-secret";

/// Whether a server lets files be renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renames {
    /// It does.
    Allowed,
    /// It does not.
    Denied,
}

/// What a server's certificate is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// For its address, by the authority of [`Ftpd::ca_file`], for so many days from now; fewer
    /// than none, and it has expired.
    Days(i32),
    /// For another name.
    OtherName,
}

/// A real vsftpd that offers one folder by explicit FTPS, and takes data only over the session of
/// its commands, as it is delivered.
pub struct Ftpd {
    /// Where it listens, at [`PORT`]. Its certificate is for [`Ftpd::via`] as well.
    pub address: Ipv4Addr,
    /// An address for a wire to it.
    pub via: Ipv4Addr,
    scratch: Scratch,
    process: Option<Process>,
}

impl Ftpd {
    /// One that lets files be renamed.
    pub fn start() -> Self {
        Self::with(Renames::Allowed, Certificate::Days(365))
    }

    /// One of that kind.
    pub fn with(renames: Renames, certificate: Certificate) -> Self {
        Self::of(renames, certificate, NO_LIMIT)
    }

    /// One for which the disk is full when a file has so many KiB.
    pub fn with_full_disk(file_kib: u32) -> Self {
        Self::of(Renames::Allowed, Certificate::Days(365), &file_kib.to_string())
    }

    fn of(renames: Renames, certificate: Certificate, file_kib: &str) -> Self {
        let (scratch, address, via) = (Scratch::new("ftpd"), free_address(), free_address());
        make_certificate(&scratch, &[address, via], certificate);
        let path = |name: &str| scratch.path(name).display().to_string();
        scratch.write("passwords", &format!("{PASSWORD}\n"));
        let [first_port, .., last_port] = DATA_PORTS;
        let denied = match renames {
            Renames::Allowed => "",
            Renames::Denied => "cmds_denied=RNFR,RNTO\n",
        };
        // Anonymous users with listed passwords need no user of the system.
        let text = format!(
            "listen=YES\nlisten_address={address}\nlisten_port={PORT}\nbackground=NO\n\
             run_as_launching_user=YES\nlocal_enable=NO\nanonymous_enable=YES\n\
             secure_email_list_enable=YES\nemail_password_file={}\ndelay_failed_login=0\n\
             write_enable=YES\nanon_upload_enable=YES\nanon_mkdir_write_enable=YES\n\
             anon_other_write_enable=YES\nanon_world_readable_only=NO\nanon_umask=022\n\
             anon_root={}\nssl_enable=YES\nallow_anon_ssl=YES\nforce_anon_data_ssl=YES\n\
             force_anon_logins_ssl=YES\nrequire_ssl_reuse=YES\nssl_ciphers=HIGH\nrsa_cert_file={}\n\
             rsa_private_key_file={}\npasv_min_port={first_port}\npasv_max_port={last_port}\n\
             seccomp_sandbox=NO\nxferlog_enable=YES\nlog_ftp_protocol=YES\nvsftpd_log_file={}\n\
             {denied}",
            path("passwords"),
            path("files"),
            path("server.pem"),
            path("server.key"),
            path("log"),
        );
        let config = scratch.write("vsftpd.conf", &text).display().to_string();
        let process = Process::start(&tool("vsftpd", "vsftpd"), &[&config], address, file_kib);
        Self { address, via, scratch, process: Some(process) }
    }

    /// Starts it anew with room for everything.
    pub fn make_room(&mut self) {
        self.process = None;
        let config = self.scratch.path("vsftpd.conf").display().to_string();
        let vsftpd = tool("vsftpd", "vsftpd");
        self.process = Some(Process::start(&vsftpd, &[&config], self.address, NO_LIMIT));
    }

    /// Takes all ports on which it could take data, until what is given is dropped.
    pub fn take_data_ports(&self) -> Vec<TcpListener> {
        let take = |it| TcpListener::bind((self.address, it)).expect("nobody transfers a file");
        DATA_PORTS.map(take).into()
    }

    /// Who may log in.
    pub fn user(&self) -> &'static str {
        USER
    }

    /// With which password.
    pub fn password(&self) -> &'static str {
        PASSWORD
    }

    /// The certificate that vouches for the server's.
    pub fn ca_file(&self) -> PathBuf {
        self.scratch.path("ca.pem")
    }

    /// The folder it offers.
    pub fn files(&self) -> PathBuf {
        self.scratch.path("files")
    }

    /// What it was asked and what it answered, line by line.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.scratch.path("log")).unwrap_or_default()
    }
}

/// Makes `ca.pem`, and `server.pem` with `server.key`, which it vouches for.
pub(super) fn make_certificate(
    scratch: &Scratch,
    addresses: &[Ipv4Addr],
    certificate: Certificate,
) {
    let (names, days) = match certificate {
        Certificate::Days(days) => {
            let names = addresses.iter().map(|it| format!("IP:{it}")).collect::<Vec<_>>();
            (names.join(","), days)
        }
        Certificate::OtherName => ("DNS:elsewhere.example".to_owned(), 365),
    };
    scratch.write("extensions", &format!("subjectAltName={names}\n"));
    let openssl = |arguments: &[&str]| {
        let mut command = Command::new(tool("openssl", "openssl"));
        run(command.current_dir(Path::new(&scratch.0)).args(arguments));
    };
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    let ca = ["-x509", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Kobling tests"];
    openssl(&[&["req"][..], &key, &ca].concat());
    let request = ["-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=server"];
    openssl(&[&["req"][..], &key, &request].concat());
    let days = days.to_string();
    openssl(&[
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-extfile",
        "extensions",
        "-days",
        &days,
        "-out",
        "server.pem",
    ]);
}
