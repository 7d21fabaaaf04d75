//! A PostgreSQL of the test's own, started from the binaries in `PGTEST_BIN`.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cornac_driver::connect::establish;
use cornac_driver::error::FailureKind;
use cornac_driver::options::{ConnectOptions, Endpoint};

use super::tls::Identity;
use super::{CANARY, options};

/// PostgreSQL refuses to run as root.
const NOBODY: u32 = 65_534;

pub struct Server {
    directory: PathBuf,
    postmaster: Child,
    pub port: u16,
    pub identity: Identity,
}

impl Server {
    pub fn start() -> Self {
        let binaries = PathBuf::from(std::env::var_os("PGTEST_BIN").expect("PGTEST_BIN is not set"));
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let directory = std::env::temp_dir().join(format!("cornac-postgres-{port}"));
        std::fs::create_dir(&directory).unwrap();
        let is_root =
            std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let give = |path: &Path| {
            if is_root {
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        };
        give(&directory);
        let command = |name: &str| {
            let mut command = Command::new(binaries.join(name));
            command.stdout(Stdio::null()).stderr(Stdio::null()).current_dir(&directory);
            if is_root {
                command.uid(NOBODY).gid(NOBODY);
            }
            command
        };

        let data = directory.join("data");
        let password = directory.join("password");
        std::fs::write(&password, CANARY).unwrap();
        give(&password);
        let initialised = command("initdb")
            .args(["-U", "tester", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync", "-D"])
            .arg(&data)
            .arg(format!("--pwfile={}", password.display()))
            .status();
        assert!(initialised.unwrap().success(), "initdb failed");

        let identity = Identity::new(&rcgen::PKCS_ECDSA_P256_SHA256);
        let rules = "local all all trust\nhost trust all 127.0.0.1/32 trust\nhost plain all 127.0.0.1/32 password\n\
                     host none all 127.0.0.1/32 reject\nhost all all 127.0.0.1/32 scram-sha-256\n";
        for (name, text) in [
            ("pg_hba.conf", rules.to_owned()),
            ("server.crt", identity.certificate_pem()),
            ("server.key", identity.key_pem()),
        ] {
            let path = data.join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            give(&path);
        }
        let postmaster = command("postgres")
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string(), "-k"])
            .arg(&directory)
            .args(["-c", "ssl=on", "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"])
            .spawn()
            .unwrap();
        Self { directory, postmaster, port, identity }
    }

    /// Waits until the server lets sessions in.
    pub async fn ready(&self) {
        let started = Instant::now();
        while let Err(error) = establish(&self.over_unix("postgres")).await {
            let starting = error.kind == FailureKind::Io || error.sqlstate() == Some("57P03");
            assert!(starting && started.elapsed() < super::GUARD, "{error:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.join(format!(".s.PGSQL.{}", self.port))
    }

    pub fn over_tcp(&self, database: &str) -> ConnectOptions {
        let address = ([127, 0, 0, 1], self.port).into();
        ConnectOptions { database: database.into(), ..options(address) }
    }

    pub fn over_unix(&self, database: &str) -> ConnectOptions {
        let path = self.socket().to_str().unwrap().to_owned();
        ConnectOptions { endpoint: Endpoint::Unix { path }, ..self.over_tcp(database) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let pid = self.postmaster.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        let _ = self.postmaster.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
