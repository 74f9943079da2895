//! Places files are put to: a folder, a real OpenSSH server, a real vsftpd, letters to a real aiosmtpd, and what goes wrong
//! with them.
#![expect(clippy::unwrap_used, reason = "what a test needs and cannot have ends the test")]

mod connectors;
mod mail;
