//! Values that come in PostgreSQL's own text and are no strings to JavaScript: each is taken by the types that it is a
//! value of, and by types that are not built in, which may be made of those.

use super::kind::ParamKind;
use super::target::Target;

/// What is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
#[repr(u8)]
pub(super) enum Spelling {
    Range = 1,
    Interval = 2,
    BitString = 3,
    Point = 4,
    Line = 5,
    Segment = 6,
    Box = 7,
    Path = 8,
    Polygon = 9,
    Circle = 10,
    Snapshot = 11,
    Instant = 12,
    DateTime = 13,
    Date = 14,
    Time = 15,
}

impl Spelling {
    pub(super) fn read(byte: u8) -> Option<Self> {
        use Spelling as S;
        [
            S::Range,
            S::Interval,
            S::BitString,
            S::Point,
            S::Line,
            S::Segment,
            S::Box,
            S::Path,
            S::Polygon,
            S::Circle,
            S::Snapshot,
            S::Instant,
            S::DateTime,
            S::Date,
            S::Time,
        ]
        .into_iter()
        .find(|spelling| *spelling as u8 == byte)
    }

    /// What JavaScript calls it, or PostgreSQL where it is a plain object.
    pub(super) fn name(self) -> &'static str {
        match self {
            Spelling::Range => "Range",
            Spelling::Interval => "Interval",
            Spelling::BitString => "BitString",
            Spelling::Point => "point",
            Spelling::Line => "line",
            Spelling::Segment => "line segment",
            Spelling::Box => "box",
            Spelling::Path => "path",
            Spelling::Polygon => "polygon",
            Spelling::Circle => "circle",
            Spelling::Snapshot => "snapshot",
            Spelling::Instant => "Temporal.Instant",
            Spelling::DateTime => "Temporal.PlainDateTime",
            Spelling::Date => "Temporal.PlainDate",
            Spelling::Time => "Temporal.PlainTime",
        }
    }

    /// Whether it is a plain object to JavaScript.
    pub(super) fn is_object(self) -> bool {
        !matches!(self, Spelling::Range | Spelling::Interval | Spelling::BitString)
            && self < Spelling::Instant
    }

    /// What a built-in type takes.
    pub(super) fn of(target: Target<'_>) -> Option<Self> {
        Some(match target.type_oid {
            600 => Spelling::Point,
            601 => Spelling::Segment,
            602 => Spelling::Path,
            603 => Spelling::Box,
            604 => Spelling::Polygon,
            628 => Spelling::Line,
            718 => Spelling::Circle,
            1082 => Spelling::Date,
            1083 => Spelling::Time,
            1114 => Spelling::DateTime,
            1184 => Spelling::Instant,
            1186 => Spelling::Interval,
            1560 | 1562 => Spelling::BitString,
            2970 | 5038 => Spelling::Snapshot,
            _ if target.kind == ParamKind::Other && target.is_range() => Spelling::Range,
            _ => return None,
        })
    }

    pub(super) fn fits(self, target: Target<'_>) -> bool {
        Self::of(target) == Some(self) || target.is_opaque()
    }
}
