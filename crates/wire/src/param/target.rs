//! What a value is written for: a type, by what is known of it.

use std::borrow::Cow;
use std::sync::Arc;

use super::Refusal;
use super::kind::ParamKind;
use crate::types::{self, Attribute, SessionTypes, Structure};

/// A type that is no domain: a value of a domain is written as one of the type under it.
#[derive(Clone, Copy)]
pub(super) struct Target<'t> {
    pub(super) type_oid: u32,
    pub(super) kind: ParamKind,
    pub(super) types: &'t SessionTypes,
    /// Values travel as text alone, whatever the kind.
    pub(super) in_text: bool,
    /// How many types may still be within.
    depth: u8,
}

pub(super) const TID: u32 = 27;

/// Values nested deeper are refused, as JavaScript refuses arrays.
const DEEPEST: u8 = 64;

/// Domains over domains; more are no honest server's.
const MOST_DOMAINS: usize = 64;

impl<'t> Target<'t> {
    pub(super) fn of(type_oid: u32, types: &'t SessionTypes) -> Self {
        Self::within(type_oid, types, DEEPEST)
    }

    fn within(type_oid: u32, types: &'t SessionTypes, depth: u8) -> Self {
        let (mut type_oid, mut in_text) = types.aliased(type_oid);
        if let Some(kind) = ParamKind::builtin(type_oid) {
            return Self { type_oid, kind, types, in_text, depth };
        }
        for _ in 0..MOST_DOMAINS {
            let kind = match types.last_known(type_oid) {
                Some(Structure::Domain { base }) => {
                    (type_oid, in_text) = types.aliased(base);
                    continue;
                }
                Some(Structure::Scalar { send }) => ParamKind::of_send(&send),
                // Its binary form is the label.
                Some(Structure::Enum) => ParamKind::Text,
                Some(Structure::Composite { .. }) => ParamKind::Composite,
                _ => ParamKind::Other,
            };
            return Self { type_oid, kind, types, in_text, depth };
        }
        Self { type_oid, kind: ParamKind::Other, types, in_text, depth }
    }

    /// A type that values of this one are made of.
    pub(super) fn part(self, type_oid: u32) -> Result<Self, Refusal> {
        let depth = self
            .depth
            .checked_sub(1)
            .ok_or_else(|| Refusal::because(format!("values are nested more than {DEEPEST} deep")))?;
        Ok(Self::within(type_oid, self.types, depth))
    }

    /// The type of the elements of an array, and what separates them in text.
    pub(super) fn element(self) -> Option<(u32, u8)> {
        match types::array_element_oid(self.type_oid) {
            Some(element) => Some((element, types::find(element).map_or(b',', |found| found.delimiter))),
            None => match self.types.last_known(self.type_oid) {
                Some(Structure::Array { element, delimiter }) => Some((element, delimiter)),
                _ => None,
            },
        }
    }

    /// The attributes of a composite type.
    pub(super) fn attributes(self) -> Arc<[Attribute]> {
        match self.types.last_known(self.type_oid) {
            Some(Structure::Composite { attributes }) => attributes,
            _ => Arc::default(),
        }
    }

    /// The type of the bounds of a range.
    pub(super) fn bound(self) -> Option<u32> {
        match self.types.last_known(self.type_oid) {
            Some(Structure::Range { subtype }) => Some(subtype),
            _ => None,
        }
    }

    /// The type of the ranges of a multirange.
    pub(super) fn range(self) -> Option<u32> {
        match self.types.last_known(self.type_oid) {
            Some(Structure::Multirange { range }) => Some(range),
            _ => None,
        }
    }

    pub(super) fn is_enum(self) -> bool {
        matches!(self.types.last_known(self.type_oid), Some(Structure::Enum))
    }

    pub(super) fn is_range(self) -> bool {
        self.bound().is_some()
    }

    pub(super) fn is_multirange(self) -> bool {
        self.range().is_some()
    }

    /// Whether the server is known to read binary values of it: aclitem, for one, has text only.
    pub(super) fn has_receive(self) -> bool {
        if self.in_text || self.kind != ParamKind::Other {
            return !self.in_text;
        }
        match types::find(self.type_oid) {
            Some(found) => !found.send.is_empty(),
            None => !matches!(self.types.last_known(self.type_oid), None | Some(Structure::Scalar { .. })),
        }
    }

    /// Nothing is known of what its values are made of, but that its input function reads text.
    pub(super) fn is_opaque(self) -> bool {
        self.kind == ParamKind::Other
            && types::find(self.type_oid).is_none()
            && matches!(self.types.last_known(self.type_oid), None | Some(Structure::Scalar { .. }))
    }

    /// By the name that SQL knows it by; one that is not known by its OID.
    pub(super) fn name(self) -> Cow<'static, str> {
        match types::find(self.type_oid) {
            // int2vector and oidvector are arrays with names of their own.
            Some(found) if found.element == 0 || !found.name.starts_with('_') => Cow::Borrowed(found.name),
            _ => {
                let name = self.types.map().sql_name(self.type_oid);
                if name.starts_with("with OID") { Cow::Owned(format!("the type {name}")) } else { name }
            }
        }
    }
}
