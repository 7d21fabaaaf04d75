//! What a parameter's type takes, in JavaScript's words.

use std::borrow::Cow;

use super::kind::ParamKind;
use super::lists;
use super::spelled::Spelling;
use super::target::{TID, Target};

pub(super) fn of(target: Target<'_>) -> Cow<'static, str> {
    match (target.kind, Spelling::of(target)) {
        (ParamKind::Other, Some(spelling)) if lists::is_list(target) => {
            format!("{}, array or string", spelling.name()).into()
        }
        (ParamKind::Other, Some(spelling)) => format!("{} or string", spelling.name()).into(),
        (ParamKind::Other, None) if lists::is_list(target) => {
            if target.type_oid == TID { "two numbers or string" } else { "array of Range or string" }.into()
        }
        _ => target.kind.takes().into(),
    }
}
