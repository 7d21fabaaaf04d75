"""Reads literals with a Python driver and prints its values, each as a list of a name and what describes it exactly.

usage: read.py asyncpg|psycopg < cases.json > values.json
The server is found by PG* variables. A case is { type, from, literals }; the answer is a list of lists of values.
"""

import asyncio
import datetime
import decimal
import ipaddress
import json
import sys
import uuid

sys.set_int_max_str_digits(0)

BATCH = "select {source} as v from unnest({param}::text[]) with ordinality u (x, n) order by n"
ONE = "select {source} as v from (select {param}::text as x) u"


def described(value):
    """A value without a loss: its kind, then texts, numbers and lists."""
    if value is None:
        return ["none"]
    for kind, describe in KINDS:
        if isinstance(value, kind):
            return describe(value)
    raise TypeError(f"{type(value)} has no description: {value!r}")


def moment(value):
    """Of a date, time or datetime: its parts, with the offset in seconds where it has one."""
    parts = [getattr(value, name, None) for name in ("year", "month", "day", "hour", "minute", "second", "microsecond")]
    offset = value.utcoffset() if hasattr(value, "utcoffset") else None
    return [type(value).__name__, parts, None if offset is None else offset.total_seconds()]


def number(value):
    text = str(value) if not value.is_finite() else format(value, "f")
    return ["decimal", text]


def of_range(value):
    if hasattr(value, "_bounds"):  # psycopg's
        bounds = [value.lower, value.upper, value.lower_inc, value.upper_inc, value.isempty]
    else:
        bounds = [value.lower, value.upper, value.lower_inc, value.upper_inc, value.isempty]
    return ["range", described(bounds[0]), described(bounds[1]), *bounds[2:]]


def every(values):
    return [described(value) for value in values]


KINDS = [
    (bool, lambda v: ["bool", v]),
    (int, lambda v: ["int", str(v)]),
    (float, lambda v: ["float", repr(v)]),
    (decimal.Decimal, number),
    (str, lambda v: ["str", v]),
    ((bytes, bytearray, memoryview), lambda v: ["bytes", bytes(v).hex()]),
    (uuid.UUID, lambda v: ["uuid", str(v)]),
    ((datetime.datetime, datetime.date, datetime.time), moment),
    (datetime.timedelta, lambda v: ["timedelta", str(v.days), str(v.seconds), str(v.microseconds)]),
    (
        (
            ipaddress.IPv4Address,
            ipaddress.IPv6Address,
            ipaddress.IPv4Interface,
            ipaddress.IPv6Interface,
            ipaddress.IPv4Network,
            ipaddress.IPv6Network,
        ),
        lambda v: [type(v).__name__, str(v)],
    ),
    (dict, lambda v: ["dict", [[str(name), described(member)] for name, member in v.items()]]),
]


def add_asyncpg():
    import asyncpg

    KINDS[0:0] = [
        (asyncpg.Range, of_range),
        (asyncpg.BitString, lambda v: ["bits", v.as_string().replace(" ", "")]),
        (asyncpg.Record, lambda v: ["record", [[name, described(member)] for name, member in v.items()]]),
    ]
    for name in ("Point", "Line", "LineSegment", "Box", "Path", "Polygon", "Circle"):
        kind = getattr(asyncpg.types, name)
        KINDS.insert(0, (kind, figure(name)))
    KINDS.extend(
        [
            (tuple, lambda v: ["tuple", every(v)]),
            (list, lambda v: ["list", every(v)]),
        ]
    )


def figure(name):
    def describe(value):
        if name == "Path":
            return [name, value.is_closed, every(value.points)]
        if name == "Polygon":
            return [name, every(value.points)]
        return [name, *every(tuple(value))]

    return describe


def add_psycopg():
    from psycopg.types.multirange import Multirange
    from psycopg.types.range import Range

    KINDS[0:0] = [
        (Range, of_range),
        (Multirange, lambda v: ["list", every(v)]),
    ]
    KINDS.extend([(list, lambda v: ["list", every(v)]), (tuple, lambda v: ["tuple", every(v)])])


def failed(error):
    return ["error", type(error).__name__, str(error)]


async def read_asyncpg(cases):
    import asyncpg

    add_asyncpg()
    connection = await asyncpg.connect()
    answers = []
    for case in cases:
        try:
            rows = await connection.fetch(BATCH.format(source=case["from"], param="$1"), case["literals"])
            answers.append([described(row["v"]) for row in rows])
        except Exception:
            # One value that it cannot read fails them all: each by itself.
            statement = await connection.prepare(ONE.format(source=case["from"], param="$1"))
            values = []
            for literal in case["literals"]:
                try:
                    values.append(described(await statement.fetchval(literal)))
                except Exception as error:
                    values.append(failed(error))
            answers.append(values)
    await connection.close()
    return answers


def read_psycopg(cases):
    import psycopg

    add_psycopg()
    answers = []
    with psycopg.connect("", autocommit=True) as connection:
        for case in cases:
            try:
                cursor = connection.execute(BATCH.format(source=case["from"], param="%s"), [case["literals"]])
                answers.append([described(value) for (value,) in cursor.fetchall()])
            except Exception:
                values = []
                for literal in case["literals"]:
                    try:
                        cursor = connection.execute(ONE.format(source=case["from"], param="%s"), [literal])
                        values.append(described(cursor.fetchone()[0]))
                    except Exception as error:
                        values.append(failed(error))
                answers.append(values)
    return answers


def main():
    cases = json.load(sys.stdin)
    driver = sys.argv[1]
    answers = asyncio.run(read_asyncpg(cases)) if driver == "asyncpg" else read_psycopg(cases)
    json.dump(answers, sys.stdout)


main()
