//! From an argument's JavaScript kind to a value of the parameter's type: no silent conversion.

use super::arg::AsJson;
use super::kind::ParamKind;
use super::plain::Plain;
use super::target::Target;
use super::{Arg, ArrayArg, Damaged, Refusal, Spelled, advice, char};
use crate::value::EPOCH_DAYS;

const MS_PER_DAY: i64 = 86_400_000;
/// 4714-11-24 BC, the first day PostgreSQL has, in milliseconds since 1970.
const FIRST_MS: i64 = -210_866_803_200_000;
/// 2^53 - 1.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;
pub(super) const MAX_SAFE_NUMBER: f64 = 9_007_199_254_740_991.0;
const SAFE: &str = "between -9007199254740991 and 9007199254740991";

/// What a single value (not NULL, not an array of the parameter's own dimensions) becomes.
pub(super) fn convert<'a>(arg: &Arg<'a>, target: Target<'_>) -> Result<Plain<'a>, Refusal> {
    let mismatch = || Refusal::mismatch(arg, target);
    let kind = target.kind;
    match *arg {
        Arg::Refused(name) => return Err(Refusal::unsendable(name)),
        Arg::Text(text) if kind == ParamKind::Char => {
            return match char::byte(text.as_bytes()) {
                Some(byte) => Ok(Plain::Byte(byte)),
                None => plain_text(text).map(Plain::Text),
            };
        }
        Arg::Text(text) => return plain_text(text).map(Plain::Text),
        Arg::Spelled(spelled) if spelled.spelling.fits(target) => {
            return plain_text(spelled.text).map(Plain::Text);
        }
        _ => {}
    }
    match kind {
        ParamKind::Bool => match *arg {
            Arg::Bool(value) => Ok(Plain::Bool(value)),
            _ => Err(mismatch()),
        },
        ParamKind::Int2 => within(arg, target, "int16").map(Plain::Int2),
        ParamKind::Int4 => match *arg {
            Arg::Int32(value) => Ok(Plain::Int4(value)),
            _ => within(arg, target, "int32").map(Plain::Int4),
        },
        ParamKind::Int8 => within(arg, target, "int64").map(Plain::Int8),
        ParamKind::Oid => within(arg, target, "uint32").map(Plain::Oid),
        ParamKind::Xid8 => within(arg, target, "uint64").map(Plain::Xid8),
        ParamKind::Lsn => within(arg, target, "uint64").map(Plain::Lsn),
        ParamKind::Float4 => single(double(arg, target)?).map(Plain::Float4),
        ParamKind::Float8 => double(arg, target).map(Plain::Float8),
        ParamKind::Numeric => match *arg {
            Arg::Int32(value) => Ok(Plain::Int4(value)),
            Arg::Int64(value) => Ok(Plain::Int8(value)),
            Arg::Float64(value) => Ok(Plain::Number(value)),
            Arg::BigInt(digits) => Ok(Plain::Digits(digits)),
            _ => Err(mismatch()),
        },
        ParamKind::Char => match *arg {
            Arg::Bytes([byte]) => Ok(Plain::Byte(*byte)),
            _ => Err(mismatch()),
        },
        ParamKind::Bytea => match *arg {
            Arg::Bytes(bytes) => sized(bytes).map(Plain::Bytes),
            _ => Err(mismatch()),
        },
        ParamKind::Bits => match *arg {
            Arg::Bytes(bytes)
                if i32::try_from(bytes.len()).is_ok_and(|length| length.checked_mul(8).is_some()) =>
            {
                Ok(Plain::Bits(bytes))
            }
            Arg::Bytes(_) => Err(Refusal::too_long()),
            _ => Err(mismatch()),
        },
        ParamKind::Json | ParamKind::Jsonb => json(arg, target),
        ParamKind::Date => moment(arg, target, Plain::Days(i32::MAX), Plain::Days(i32::MIN), |ms| {
            i32::try_from(ms.div_euclid(MS_PER_DAY) - EPOCH_DAYS).ok().map(Plain::Days)
        }),
        ParamKind::Timestamp | ParamKind::Timestamptz => {
            moment(arg, target, Plain::Micros(i64::MAX), Plain::Micros(i64::MIN), |ms| {
                (ms - EPOCH_DAYS * MS_PER_DAY).checked_mul(1000).map(Plain::Micros)
            })
        }
        ParamKind::Interval => match *arg {
            Arg::Float64(f64::INFINITY) => Ok(Plain::Text("infinity")),
            Arg::Float64(f64::NEG_INFINITY) => Ok(Plain::Text("-infinity")),
            _ => Err(mismatch()),
        },
        ParamKind::Void => Ok(Plain::Text("")),
        _ => Err(mismatch()),
    }
}

/// Text as PostgreSQL can take it.
pub(super) fn plain_text(text: &str) -> Result<&str, Refusal> {
    sized(text.as_bytes())?;
    if memchr::memchr(0, text.as_bytes()).is_some() {
        return Err(Refusal::because("PostgreSQL's text cannot hold the NUL character".to_owned()));
    }
    Ok(text)
}

/// A value's length has 31 bits on the wire.
pub(super) fn sized(bytes: &[u8]) -> Result<&[u8], Refusal> {
    if i32::try_from(bytes.len()).is_err() {
        return Err(Refusal::too_long());
    }
    Ok(bytes)
}

/// An integer of the type that the width asks for.
fn within<T>(arg: &Arg<'_>, target: Target<'_>, width: &str) -> Result<T, Refusal>
where
    T: TryFrom<i128>,
{
    let value = match *arg {
        Arg::Int32(value) => Some(i128::from(value)),
        Arg::Int64(value) => Some(i128::from(value)),
        // Beyond it a number stands for its neighbours too. Other types are too narrow for that to be met.
        Arg::Float64(value)
            if target.kind.has_64_bits() && value.fract() == 0.0 && value.abs() > MAX_SAFE_NUMBER =>
        {
            let name = target.name();
            return Err(Refusal::because(format!("a number for {name} must be a safe integer: {SAFE}"))
                .with_hint("pass a bigint, or a string"));
        }
        Arg::Float64(value) if value.fract() == 0.0 => {
            // Saturates far outside of every type's range.
            #[allow(clippy::cast_possible_truncation, reason = "it has no fraction")]
            Some(value as i128)
        }
        Arg::Float64(_) => {
            return Err(Refusal::because(format!("expected an integer for {}", target.name())));
        }
        // Too many digits for 128 bits are too many for all.
        Arg::BigInt(digits) => digits.parse().ok(),
        _ => return Err(Refusal::mismatch(arg, target)),
    };
    value
        .and_then(|value| T::try_from(value).ok())
        .ok_or_else(|| Refusal::because(format!("value out of {width} range")))
}

/// A number, or a bigint that one holds exactly.
fn double(arg: &Arg<'_>, target: Target<'_>) -> Result<f64, Refusal> {
    match *arg {
        Arg::Int32(value) => Ok(f64::from(value)),
        Arg::Float64(value) => Ok(value),
        Arg::Int64(value) if value.unsigned_abs() <= MAX_SAFE_INTEGER =>
        {
            #[allow(clippy::cast_precision_loss, reason = "exact below 2^53")]
            Ok(value as f64)
        }
        Arg::Int64(_) | Arg::BigInt(_) => {
            Err(Refusal::because(format!("a bigint for {} must be a safe integer: {SAFE}", target.name())))
        }
        _ => Err(Refusal::mismatch(arg, target)),
    }
}

/// The nearest float4; only an infinity may become one.
pub(super) fn single(value: f64) -> Result<f32, Refusal> {
    #[allow(clippy::cast_possible_truncation, reason = "rounding to the nearest is what float4 is for")]
    let nearest = value as f32;
    if nearest.is_infinite() && value.is_finite() {
        return Err(Refusal::because("value out of float32 range".to_owned()));
    }
    Ok(nearest)
}

/// JSON text of any value but bytes. A string is JSON text already (it never comes here).
fn json<'a>(arg: &Arg<'a>, target: Target<'_>) -> Result<Plain<'a>, Refusal> {
    match *arg {
        Arg::Bool(value) => Ok(Plain::Bool(value)),
        Arg::Int32(value) => Ok(Plain::Int4(value)),
        // Most readers of JSON take a number for a double, which may not hold it: how it is written is the program's
        // choice.
        Arg::Int64(_) | Arg::BigInt(_) => {
            Err(Refusal::because("JSON has no bigint".to_owned()).with_hint(advice::NO_BIGINT))
        }
        Arg::Float64(value) if value.is_finite() => Ok(Plain::Number(value)),
        Arg::Float64(_) => Err(Refusal::because("JSON has no NaN and no infinities".to_owned())),
        Arg::Date(ms) => match milliseconds(ms) {
            Some(ms) => Ok(Plain::IsoDate(ms)),
            None => Err(Refusal::invalid_date()),
        },
        Arg::Json(text) | Arg::Object(text) => plain_text(text).map(Plain::Text),
        Arg::NoJson(reason) => Err(Refusal::no_json(reason)),
        Arg::Array(ArrayArg { json, .. })
        | Arg::Range(ArrayArg { json, .. })
        | Arg::Spelled(Spelled { json, .. }) => match json {
            AsJson::Text(text) => plain_text(text).map(Plain::Text),
            AsJson::Refused(reason) => Err(Refusal::no_json(reason)),
            // Such a one stands in a document, and never comes here.
            AsJson::None => Err(Refusal::from(Damaged)),
        },
        _ => Err(Refusal::mismatch(arg, target)),
    }
}

/// A `Date`, or an infinity as a number.
fn moment<'a>(
    arg: &Arg<'a>,
    target: Target<'_>,
    infinity: Plain<'a>,
    negative_infinity: Plain<'a>,
    finite: impl FnOnce(i64) -> Option<Plain<'a>>,
) -> Result<Plain<'a>, Refusal> {
    match *arg {
        Arg::Float64(f64::INFINITY) => Ok(infinity),
        Arg::Float64(f64::NEG_INFINITY) => Ok(negative_infinity),
        Arg::Date(ms) => {
            let ms = milliseconds(ms).ok_or_else(Refusal::invalid_date)?;
            if ms < FIRST_MS {
                return Err(Refusal::because(format!(
                    "the Date lies before the first {}, 4714-11-24 BC",
                    target.name()
                )));
            }
            finite(ms).ok_or_else(|| Refusal::because(format!("value out of {} range", target.name())))
        }
        _ => Err(Refusal::mismatch(arg, target)),
    }
}

/// A `Date`'s time value as an integer; `None` for an invalid `Date`.
pub(super) fn milliseconds(ms: f64) -> Option<i64> {
    // ECMA-262, "Time Values and Time Range".
    const LIMIT: f64 = 8.64e15;
    if !(-LIMIT..=LIMIT).contains(&ms) {
        return None;
    }
    Some(safe_integer(ms.floor()))
}

/// A number without a fraction that is no larger than [`MAX_SAFE_NUMBER`] or the end of JavaScript's time.
#[inline]
pub(super) fn safe_integer(value: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "below 2^53, and a cast saturates")]
    {
        value as i64
    }
}
