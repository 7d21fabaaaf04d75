//! The library's status codes as sentences and remedies.

use std::ffi::c_int;

use super::library::{Gssapi, Oid};
use super::output::OutputToken;
use crate::error::{Error, failure};

/// `status_type` of `gss_display_status`: the standard's codes, and the mechanism's own.
const GSS_C_GSS_CODE: c_int = 1;
const GSS_C_MECH_CODE: c_int = 2;

/// Bits 16 to 23 of a major status: the routine error.
const ROUTINE_ERROR: u32 = 0xff << 16;
const GSS_S_NO_CRED: u32 = 7 << 16;
const GSS_S_CREDENTIALS_EXPIRED: u32 = 11 << 16;

/// A library that never says "that was all" must not hold us.
const LINES_MAX: usize = 8;

/// The two texts as libpq joins them: the general one, then the mechanism's.
pub(super) fn error(api: &'static Gssapi, target: &str, major: u32, minor: u32) -> Error {
    let general = describe(api, major, GSS_C_GSS_CODE);
    let own = if minor == 0 { String::new() } else { describe(api, minor, GSS_C_MECH_CODE) };
    let reason = match (general.is_empty(), own.is_empty()) {
        (false, false) => format!("{general}: {own}"),
        (false, true) => general,
        (true, false) => own,
        (true, true) => format!("status {major:#010x}, {minor:#010x}"),
    };
    let error = Error::new(failure(target, &reason));
    match remedy(target, major, minor) {
        Some(hint) => error.with_hint(hint),
        None => error,
    }
}

/// RFC 2744, section 5.11. A code may stand for several messages.
fn describe(api: &'static Gssapi, code: u32, kind: c_int) -> String {
    let mechanism = api.heimdal.unwrap_or(Oid::NONE);
    let mut lines = Vec::new();
    let mut more = 0;
    for _ in 0..LINES_MAX {
        let mut text = OutputToken::empty(api);
        let mut minor = 0;
        // SAFETY: the out-pointers are to locals, `text` releases what is written there; the mechanism is a constant of
        // the library or null, which stands for the default one.
        let major = unsafe {
            (api.display_status)(&raw mut minor, code, kind, mechanism, &raw mut more, text.slot())
        };
        if major != 0 {
            break;
        }
        lines.push(tidy(&String::from_utf8_lossy(&text.to_vec())));
        if more == 0 {
            break;
        }
    }
    lines.join("; ")
}

/// The texts come with full stops, double blanks and, from Heimdal, a blank at the start.
fn tidy(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

/// The table of Kerberos' codes that MIT and Heimdal share: RFC 4120's (section 7.5.9) from the base on, then their own.
const KRB5_BASE: u32 = (-1_765_328_384_i32).cast_unsigned();
const KDC_ERR_S_PRINCIPAL_UNKNOWN: u32 = KRB5_BASE + 7;
const KRB_AP_ERR_TKT_EXPIRED: u32 = KRB5_BASE + 32;
const KRB_AP_ERR_SKEW: u32 = KRB5_BASE + 37;
const KRB5_CONFIG_CANTOPEN: u32 = KRB5_BASE + 135;
const KRB5_CONFIG_BADFORMAT: u32 = KRB5_BASE + 136;
const KRB5_CC_NOTFOUND: u32 = KRB5_BASE + 141;
const KRB5_REALM_UNKNOWN: u32 = KRB5_BASE + 154;
const KRB5_KDC_UNREACH: u32 = KRB5_BASE + 156;
const KRB5_FCC_NOFILE: u32 = KRB5_BASE + 195;
const KRB5_REALM_CANT_RESOLVE: u32 = KRB5_BASE + 220;
const KRB5_CONFIG_NODEFREALM: u32 = KRB5_BASE + 224;
/// Heimdal's answer where the file of tickets does not exist: plain `errno`.
const ENOENT: u32 = 2;

/// What helps against the usual failures. The mechanism's code says more than the standard's.
fn remedy(target: &str, major: u32, minor: u32) -> Option<String> {
    let remedy = match minor {
        KDC_ERR_S_PRINCIPAL_UNKNOWN => {
            return Some(format!(
                "the KDC knows no service '{target}': it is made of krbsrvname and the host as given, both spelt as in \
                 the server's keytab"
            ));
        }
        KRB_AP_ERR_TKT_EXPIRED => EXPIRED,
        KRB_AP_ERR_SKEW => {
            "the clocks of this machine, the KDC and the server must agree to within five minutes"
        }
        KRB5_KDC_UNREACH => "no KDC of the realm answered: look at [realms] in krb5.conf, and at the network",
        KRB5_CONFIG_CANTOPEN | KRB5_CONFIG_BADFORMAT | KRB5_CONFIG_NODEFREALM => CONFIGURATION,
        KRB5_REALM_UNKNOWN | KRB5_REALM_CANT_RESOLVE => CONFIGURATION,
        KRB5_CC_NOTFOUND | KRB5_FCC_NOFILE | ENOENT => NO_TICKET,
        _ => match major & ROUTINE_ERROR {
            GSS_S_NO_CRED => NO_TICKET,
            GSS_S_CREDENTIALS_EXPIRED => EXPIRED,
            _ => return None,
        },
    };
    Some(remedy.to_owned())
}

const CONFIGURATION: &str =
    "krb5.conf, or the file KRB5_CONFIG names, must be readable and name the realm and its KDC";
const EXPIRED: &str = "the ticket has expired: get another with kinit";
const NO_TICKET: &str =
    "get a ticket with kinit; klist tells which there are, KRB5CCNAME where they are kept";
