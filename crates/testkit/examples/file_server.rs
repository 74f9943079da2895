//! A real server for files, for measurements: `file_server sftp|ftps` tells line by line where it
//! listens and who may log in, and ends with its input.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a program for measurements alone")]

use kobling_testkit::server::{Ftpd, PORT, Sshd};
use std::io::Read;
use std::path::Path;

fn main() {
    let kind = std::env::args().nth(1);
    if kind.as_deref() == Some("sftp") {
        let server = Sshd::start();
        let (key, line) = (server.user_key(), server.known_hosts_line());
        tell("host", &server.address.to_string());
        tell("user", &server.user);
        path("files", &server.files());
        path("key_file", &key);
        tell("host_key", &line);
        wait();
    } else {
        let server = Ftpd::start();
        tell("host", &server.address.to_string());
        tell("user", server.user());
        path("files", &server.files());
        path("ca_file", &server.ca_file());
        tell("password", server.password());
        wait();
    }
}

fn path(name: &str, path: &Path) {
    tell(name, path.to_str().expect("its directory has a plain name"));
}

fn tell(name: &str, text: &str) {
    println!("{name} {text}");
}

fn wait() {
    tell("port", &PORT.to_string());
    std::io::stdin().read_to_end(&mut Vec::new()).expect("the input can be read");
}
