use super::*;

#[test]
fn sspi_is_refused_where_there_is_no_windows_and_the_hint_names_the_parameter() {
    let error = Context::new(Library::Sspi, "postgres", "db.example.com").unwrap_err();
    assert_eq!(error.message, "SSPI exists on Windows only");
    assert!(error.hint.unwrap().contains("gsslib=gssapi"));
}

#[test]
fn names_that_would_make_another_principal_are_refused() {
    for service in ["", "post@gres", "post/gres", "post\0gres"] {
        let error = Context::new(Library::Gssapi, service, "db.example.com").unwrap_err();
        assert!(error.message.contains("cannot be the name of a Kerberos service"), "{error}");
        assert!(!error.message.contains('\0'), "{error}");
    }
    for host in ["evil@host", "evil/host", "host\0.evil"] {
        let error = Context::new(Library::Gssapi, "postgres", host).unwrap_err();
        assert!(error.message.contains("cannot be the host of a Kerberos service"), "{error}");
    }
}

#[test]
fn a_missing_host_name_is_told_as_such() {
    let error = Context::new(Library::Gssapi, "postgres", "").unwrap_err();
    assert!(error.message.contains("needs a host name"), "{error}");
    assert!(error.hint.unwrap().contains("Unix socket"));
}

#[test]
fn a_context_may_go_to_another_thread() {
    fn sendable<T: Send>() {}
    sendable::<Context>();
}
