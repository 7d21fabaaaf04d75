//! Composite values: objects by the names of their attributes, lists by their order.

use bytes::{BufMut, BytesMut};

use super::arg::{Arg, ArrayArg, FieldsArg};
use super::describe::counted;
use super::parts::{Parts, Stop, push_quoted};
use super::target::Target;
use super::{Refusal, framed};
use crate::types::Attribute;

/// Names that a refusal lists.
const MOST_NAMES: usize = 8;

/// As record_recv reads it: how many attributes, then for each its type and its value.
pub(super) fn binary(
    arg: &Arg<'_>,
    target: Target<'_>,
    parts: Parts,
    out: &mut BytesMut,
) -> Result<(), Stop> {
    let attributes = target.attributes();
    let values = values(arg, target, &attributes)?;
    out.put_i32(i32::try_from(attributes.len()).map_err(|_| Refusal::too_long())?);
    for (attribute, value) in attributes.iter().zip(&values) {
        out.put_u32(attribute.type_oid);
        let part = target.part(attribute.type_oid)?;
        if *value == Arg::Null {
            // The server looks the receive function up for NULL too.
            if !part.has_receive() {
                return Err(Stop::Text);
            }
            out.put_i32(-1);
            continue;
        }
        framed(out, |out| (parts.binary)(value, part, out))
            .map_err(|stop| stop.placed(|refusal| place(refusal, attribute, target)))?;
    }
    Ok(())
}

/// As record_in reads it.
pub(super) fn text(
    arg: &Arg<'_>,
    target: Target<'_>,
    parts: Parts,
    out: &mut BytesMut,
) -> Result<(), Refusal> {
    let attributes = target.attributes();
    let values = values(arg, target, &attributes)?;
    let mut part = BytesMut::new();
    out.put_u8(b'(');
    for (index, (attribute, value)) in attributes.iter().zip(&values).enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        if *value == Arg::Null {
            continue;
        }
        part.clear();
        (parts.text)(value, target.part(attribute.type_oid)?, &mut part)
            .map_err(|refusal| place(refusal, attribute, target))?;
        push_quoted(&part, out);
    }
    out.put_u8(b')');
    Ok(())
}

/// The value of each attribute.
fn values<'a>(arg: &Arg<'a>, target: Target<'_>, attributes: &[Attribute]) -> Result<Vec<Arg<'a>>, Refusal> {
    match arg {
        Arg::Fields(fields) => by_name(fields, target, attributes),
        Arg::Row(list) | Arg::Array(list) => by_position(list, target, attributes),
        _ => Err(Refusal::mismatch(arg, target)),
    }
}

fn by_position<'a>(
    list: &ArrayArg<'a>,
    target: Target<'_>,
    attributes: &[Attribute],
) -> Result<Vec<Arg<'a>>, Refusal> {
    if usize::try_from(list.count) != Ok(attributes.len()) {
        let (name, expected, count) = (target.name(), counted(attributes.len(), "value"), list.count);
        let reason = format!("a list for {name} must have {expected}, this one has {count}");
        return Err(Refusal::because(reason).with_hint("pass null for an attribute that has no value"));
    }
    let mut elements = list.elements();
    attributes.iter().map(|_| Ok(elements.next()?)).collect()
}

/// What an object does not name is NULL.
fn by_name<'a>(
    fields: &FieldsArg<'a>,
    target: Target<'_>,
    attributes: &[Attribute],
) -> Result<Vec<Arg<'a>>, Refusal> {
    let mut values = vec![Arg::Null; attributes.len()];
    // Objects mostly have the attributes' order: the next one is looked at first.
    let mut next = 0;
    let mut members = fields.members();
    let mut number = 0;
    while let Some((name, value)) = members.next()? {
        let at = match attributes.get(next) {
            Some(attribute) if attribute.name == name => Some(next),
            _ => attributes.iter().position(|attribute| attribute.name == name),
        };
        let Some(place) = at.and_then(|at| values.get_mut(at)) else {
            return Err(unknown(number, target, attributes));
        };
        *place = value;
        next = at.map_or(next, |at| at + 1);
        number += 1;
    }
    Ok(values)
}

/// The member is told by its place: a key may be anything that the program was given, a secret too.
#[cold]
fn unknown(number: usize, target: Target<'_>, attributes: &[Attribute]) -> Refusal {
    let mut names: Vec<String> =
        attributes.iter().take(MOST_NAMES).map(|attribute| format!("{:?}", attribute.name)).collect();
    if attributes.len() > MOST_NAMES {
        names.push("…".to_owned());
    }
    let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    Refusal::because(format!("member #{number} is no attribute of {}, which has {names}", target.name()))
}

#[cold]
fn place(refusal: Refusal, attribute: &Attribute, target: Target<'_>) -> Refusal {
    let reason = format!("attribute {:?} of {}: {}", attribute.name, target.name(), refusal.reason);
    Refusal { reason, ..refusal }
}
