//! Session keys for network analysers, in the format of NSS, appended to a file that was asked for by name.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use rustls::KeyLog;

use super::errors::{TlsConfigError, quoted};
use crate::error::io_words;

#[derive(Debug)]
pub(super) struct KeyLogFile {
    path: PathBuf,
}

impl KeyLogFile {
    /// Fails at once if the file cannot be appended to.
    pub(super) fn open(path: &std::path::Path) -> Result<Self, TlsConfigError> {
        let log = Self { path: path.to_owned() };
        log.append().map_err(|error| {
            let path = quoted(&path.to_string_lossy());
            TlsConfigError::new(
                "keyLogFile",
                format!("key log file {path} cannot be opened: {}", io_words(&error)),
            )
        })?;
        Ok(log)
    }

    /// Opened for each line, so that no descriptor stays behind and a rotated file is followed.
    fn append(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&self.path)
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = format!("{label} ");
        hexadecimal(&mut line, client_random);
        line.push(' ');
        hexadecimal(&mut line, secret);
        line.push('\n');
        // A full disk is no reason to lose the connection.
        if let Ok(mut file) = self.append() {
            let _ = file.write_all(line.as_bytes());
        }
    }
}

fn hexadecimal(line: &mut String, bytes: &[u8]) {
    for byte in bytes {
        line.extend(char::from_digit(u32::from(byte >> 4), 16));
        line.extend(char::from_digit(u32::from(byte & 15), 16));
    }
}
