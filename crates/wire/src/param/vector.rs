//! Values of pgvector's types: lists of numbers.

use bytes::{BufMut, BytesMut};

use super::arg::Arg;
use super::target::Target;
use super::{Refusal, convert, describe};
use crate::value;

/// As vector_recv reads it: the number of dimensions and an unused one, 16 bits each, then a float4 for each.
pub(super) fn binary(arg: &Arg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    let numbers = numbers(arg, target)?;
    let count = u16::try_from(numbers.len())
        .map_err(|_| Refusal::because(format!("a vector has at most {} numbers", u16::MAX)))?;
    out.put_u16(count);
    out.put_u16(0);
    numbers.into_iter().for_each(|number| out.put_f32(number));
    Ok(())
}

pub(super) fn text(arg: &Arg<'_>, target: Target<'_>, out: &mut BytesMut) -> Result<(), Refusal> {
    out.put_u8(b'[');
    for (index, number) in numbers(arg, target)?.into_iter().enumerate() {
        if index > 0 {
            out.put_u8(b',');
        }
        value::shortest(f64::from(number), out);
    }
    out.put_u8(b']');
    Ok(())
}

fn numbers(arg: &Arg<'_>, target: Target<'_>) -> Result<Vec<f32>, Refusal> {
    let (Arg::Array(list) | Arg::Row(list)) = arg else {
        return Err(Refusal::mismatch(arg, target));
    };
    let mut elements = list.elements();
    let mut numbers = Vec::new();
    while !elements.is_empty() {
        let number = match elements.next()? {
            Arg::Int32(value) => f64::from(value),
            Arg::Float64(value) if value.is_finite() => value,
            Arg::Float64(_) => {
                return Err(Refusal::because(format!("number {} of a vector is not finite", numbers.len())));
            }
            other => {
                let class = describe::class(&other);
                return Err(Refusal::because(format!(
                    "element {} of a vector must be a number, got {class}",
                    numbers.len()
                )));
            }
        };
        numbers.push(convert::single(number)?);
    }
    Ok(numbers)
}
