//! What a parameter's type takes, in JavaScript's words.

use std::borrow::Cow;

use super::kind::Kind;
use super::lists;
use super::spelled::Spelling;

pub(super) fn of(kind: Kind, type_oid: u32) -> Cow<'static, str> {
    match (kind, Spelling::of(type_oid)) {
        (Kind::Other, Some(spelling)) => format!("{} or string", spelling.name()).into(),
        (Kind::Other, None) if lists::is_list(type_oid) => {
            if type_oid == lists::TID { "two numbers or string" } else { "array of Range or string" }.into()
        }
        _ => kind.takes().into(),
    }
}
