//! Start-up and cancel against a real PostgreSQL. Run with
//! `PGTEST_BIN=/usr/lib/postgresql/18/bin cargo test -p cornac-driver --test real_server -- --ignored`.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use cornac_driver::cancel::cancel;
use cornac_driver::connect::{Established, establish};
use cornac_driver::error::FailureKind;
use cornac_driver::options::{AuthMethod, ChannelBinding, ConnectOptions, ProtocolVersion, Secret, TlsMode};
use cornac_driver::socket::Socket;
use cornac_driver::tls::{Roots, TlsOptions, Verify};
use cornac_wire::frontend_tag;
use support::postgres::Server;
use support::{connected, contains, frame};

const SLEEPERS: &str = "select from pg_stat_activity where wait_event = 'PgSleep'";

/// Sends a simple query on the established parts and reads until ReadyForQuery, as a session would.
fn query(established: &mut Established, sql: &str) -> Vec<u8> {
    let message = frame(frontend_tag::QUERY, [sql.as_bytes(), b"\0"].concat());
    let mut answer = Vec::new();
    let mut chunk = [0; 8192];
    let Established { socket, tls, .. } = established;
    let socket: &mut dyn ReadWrite = match socket {
        Socket::Tcp(stream) => {
            stream.set_nonblocking(false).unwrap();
            stream
        }
        Socket::Unix(stream) => {
            stream.set_nonblocking(false).unwrap();
            stream
        }
    };
    let mut socket = socket;
    let mut wrapped;
    let stream: &mut dyn ReadWrite = match tls {
        Some(session) => {
            wrapped = rustls::Stream::new(&mut **session, &mut socket);
            &mut wrapped
        }
        None => &mut socket,
    };
    stream.write_all(&message).unwrap();
    stream.flush().unwrap();
    while !contains(&answer, b"Z\0\0\0\x05") {
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "the server hung up");
        answer.extend_from_slice(&chunk[..count]);
    }
    answer
}

trait ReadWrite: Read + Write {}
impl<S: Read + Write> ReadWrite for S {}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL's binaries in PGTEST_BIN"]
async fn a_real_server_lets_in_and_refuses_in_every_way() {
    let server = tokio::task::spawn_blocking(Server::start).await.unwrap();
    server.ready().await;
    let binding = TlsOptions {
        verify: Verify::Full,
        server_name: Some("db.example".into()),
        roots: Roots::Given(vec![server.identity.certificate.clone()]),
        ..TlsOptions::default()
    };
    let encrypted = |mode, database: &str| ConnectOptions {
        tls: mode,
        tls_options: Some(binding.clone()),
        ..server.over_tcp(database)
    };

    // Databases whose rules in pg_hba.conf differ.
    let mut admin = connected(&server.over_unix("postgres")).await;
    assert_eq!((admin.auth_method, admin.encrypted), ("none", false));
    for name in ["trust", "plain", "none"] {
        query(&mut admin, &format!("create database \"{name}\""));
    }

    let scram = connected(&server.over_tcp("postgres")).await;
    assert_eq!((scram.auth_method, scram.protocol, scram.cancel_key.len()), ("scram-sha-256", (3, 0), 4));
    assert!(scram.pid > 0 && scram.transaction_status == b'I' && scram.leftover.is_empty());
    assert_eq!(connected(&server.over_tcp("plain")).await.auth_method, "password");
    assert_eq!(connected(&server.over_tcp("trust")).await.auth_method, "none");

    let version = scram.parameters.iter().find(|(name, _)| name == "server_version").unwrap().1.clone();
    let has_direct_tls = version.split('.').next().unwrap().parse::<u32>().unwrap() >= 17;
    let direct = if has_direct_tls { TlsMode::Direct } else { TlsMode::Require };
    for mode in [TlsMode::Prefer, TlsMode::Require, direct] {
        let wanted =
            ConnectOptions { channel_binding: ChannelBinding::Require, ..encrypted(mode, "postgres") };
        let mut bound = connected(&wanted).await;
        assert_eq!((bound.auth_method, bound.encrypted), ("scram-sha-256-plus", true), "{mode:?}");
        assert!(contains(&query(&mut bound, "show application_name"), b"application_name"));
    }

    // 3.2 has long keys on PostgreSQL 18; older servers negotiate down.
    let wanted = ConnectOptions { protocol: ProtocolVersion::V3_2, ..server.over_tcp("postgres") };
    let latest = connected(&wanted).await;
    let expected = if latest.protocol == (3, 2) { 32 } else { 4 };
    assert_eq!(latest.cancel_key.len(), expected);

    // Startup parameters become the session's own reset values.
    let mut wanted = encrypted(TlsMode::Require, "postgres");
    wanted.parameters.push(("statement_timeout".into(), "12345".into()));
    let mut session = connected(&wanted).await;
    query(&mut session, "set statement_timeout = 1; reset statement_timeout");
    assert!(contains(&query(&mut session, "show statement_timeout"), b"12345ms"));

    let wrong = ConnectOptions { password: Some(Secret::new("wrong")), ..server.over_tcp("postgres") };
    let error = establish(&wrong).await.unwrap_err();
    assert_eq!(
        (error.kind, error.sqlstate(), error.authenticated),
        (FailureKind::Server, Some("28P01"), false)
    );
    let error = establish(&server.over_tcp("none")).await.unwrap_err();
    assert_eq!((error.kind, error.sqlstate()), (FailureKind::Server, Some("28000")));
    let error = establish(&server.over_tcp("missing")).await.unwrap_err();
    assert_eq!((error.sqlstate(), error.authenticated), (Some("3D000"), true));
    let only_scram = Some(vec![AuthMethod::ScramSha256]);
    let error = establish(&ConnectOptions { require_auth: only_scram, ..server.over_tcp("trust") })
        .await
        .unwrap_err();
    assert_eq!(error.kind, FailureKind::Method);

    // Cancel reaches each kind of session, with short and long keys.
    let long = ConnectOptions { protocol: ProtocolVersion::V3_2, ..encrypted(direct, "postgres") };
    let mut watch = connected(&server.over_unix("postgres")).await;
    for wanted in [
        server.over_tcp("postgres"),
        server.over_unix("postgres"),
        encrypted(TlsMode::Prefer, "postgres"),
        long,
    ] {
        let mut session = connected(&wanted).await;
        let target = session.cancel.clone();
        let running = tokio::task::spawn_blocking(move || query(&mut session, "select pg_sleep(60)"));
        let started = Instant::now();
        while !contains(&query(&mut watch, SLEEPERS), b"SELECT 1\0") {
            assert!(started.elapsed() < Duration::from_secs(20), "the statement does not begin");
        }
        cancel(&target, Duration::from_secs(5)).await.unwrap();
        assert!(contains(&running.await.unwrap(), b"C57014"));
    }
}
