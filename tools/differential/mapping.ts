// What Python's drivers give, as cornac gives it.

import { BitString, Interval, Range } from '../../index.ts'

/** A value as read.py describes it. */
export type Described = readonly [kind: string, ...parts: any[]]

/**
 * @param type of the column
 * @param ours cornac's own value, for kinds that Python does not tell apart
 */
export function mapped(described: Described, type: string, ours: unknown): unknown {
  const [kind, ...parts] = described
  switch (kind) {
    case 'none':
      return null
    case 'bool':
      return parts[0]
    case 'int':
      return integer(parts[0], ours)
    case 'float':
      return Number(parts[0].replace('inf', 'Infinity'))
    case 'decimal':
      return parts[0]
    case 'str':
      return type === 'box' ? boxOf(parts[0]) : parts[0]
    case 'uuid':
    case 'IPv4Address':
    case 'IPv6Address':
    case 'IPv4Interface':
    case 'IPv6Interface':
    case 'IPv4Network':
    case 'IPv6Network':
      return parts[0]
    case 'json':
      return JSON.parse(parts[0])
    case 'bytes':
      return type === '"char"' ? charOf(Number.parseInt(parts[0], 16)) : Buffer.from(parts[0], 'hex')
    case 'date':
      return dayOf(parts[0])
    case 'time':
      return timeOf(parts[0]) + (parts[1] === null ? '' : offset(parts[1]))
    case 'datetime':
      // In UTC always, as the session's zone is.
      return `${dayOf(parts[0])} ${timeOf(parts[0])}${parts[1] === null ? '' : '+00'}`
    case 'timedelta': {
      const [days, seconds, micros] = parts.map(BigInt) as [bigint, bigint, bigint]
      return new Interval({ days: Number(days), microseconds: seconds * 1_000_000n + micros })
    }
    case 'bits':
      return new BitString(parts[0])
    case 'list':
      return parts[0].map((one: Described, i: number) => mapped(one, elementOf(type), at(ours, i)))
    case 'range':
      return rangeOf(parts as any, type, ours)
    case 'record':
    case 'dict':
      return Object.fromEntries(
        parts[0].map(([name, one]: [string, Described]) => [name, mapped(one, type, at(ours, name))]),
      )
    default:
      return figure(kind, parts, type, ours)
  }
}

function at(value: unknown, key: string | number): unknown {
  return (value as any)?.[key]
}

/** Integers have one kind in Python. */
function integer(digits: string, ours: unknown): unknown {
  return typeof ours === 'bigint' ? BigInt(digits) : Number(digits)
}

function elementOf(type: string): string {
  if (type.endsWith('multirange')) return type.replace('multirange', 'range')
  return type.replace(/\[\]$/, '')
}

const SUBTYPES: { readonly [range: string]: string } = {
  int4range: 'int4',
  int8range: 'int8',
  numrange: 'numeric',
  daterange: 'date',
  tsrange: 'timestamp',
  tstzrange: 'timestamptz',
}

function rangeOf(
  [lower, upper, lowerInc, upperInc, empty]: [Described, Described, boolean, boolean, boolean],
  type: string,
  ours: unknown,
): Range {
  const subtype = SUBTYPES[type] as string
  return new Range(mapped(lower, subtype, at(ours, 'lower')), mapped(upper, subtype, at(ours, 'upper')), {
    lowerInc,
    upperInc,
    empty,
  })
}

/** Geometric values and the tuples of system types. */
function figure(kind: string, parts: any[], type: string, ours: unknown): unknown {
  const all = (list: Described[]): any[] => list.map((one) => mapped(one, type, ours))
  const point = (one: Described): unknown => mapped(one, 'point', ours)
  switch (kind) {
    case 'Point': {
      const [x, y] = all(parts)
      return { x, y }
    }
    case 'Line': {
      const [a, b, c] = all(parts)
      return { a, b, c }
    }
    case 'LineSegment':
      return { p1: point(parts[0]), p2: point(parts[1]) }
    case 'Box':
      return { high: point(parts[0]), low: point(parts[1]) }
    case 'Path':
      return { points: parts[1].map(point), isClosed: parts[0] }
    case 'Polygon':
      return { points: parts[0].map(point) }
    case 'Circle':
      return { center: point(parts[0]), radius: mapped(parts[1], type, ours) }
    case 'tuple':
      if (type === 'point') return figure('Point', parts[0], type, ours)
      if (type === 'tid') return all(parts[0])
      if (type.endsWith('snapshot')) {
        const [xmin, xmax, xip] = parts[0]
        const one = (described: Described): bigint => BigInt(described[1])
        return { xmin: one(xmin), xmax: one(xmax), xip: xip[1].map(one) }
      }
  }
  throw new Error(`there is no mapping of ${kind} for ${type}`)
}

/** As PostgreSQL prints a "char". */
function charOf(byte: number): string {
  if (byte >= 128) return `\\${byte.toString(8)}`
  return byte === 0 ? '' : String.fromCharCode(byte)
}

function boxOf(text: string): unknown {
  const [x1, y1, x2, y2] = text.match(/[^(),]+/g)!.map(Number)
  return { high: { x: x1, y: y1 }, low: { x: x2, y: y2 } }
}

const two = (n: number): string => String(n).padStart(2, '0')

function dayOf([year, month, day]: number[]): string {
  return `${String(year).padStart(4, '0')}-${two(month!)}-${two(day!)}`
}

function timeOf([, , , hour, minute, second, micros]: number[]): string {
  const fraction = micros === 0 ? '' : `.${String(micros).padStart(6, '0').replace(/0+$/, '')}`
  return `${two(hour!)}:${two(minute!)}:${two(second!)}${fraction}`
}

function offset(seconds: number): string {
  const size = Math.abs(seconds)
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60]
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop()
  return (seconds < 0 ? '-' : '+') + parts.map(two).join(':')
}
