import { types } from 'node:util'
import { Unsendable } from '../errors/unsendable.ts'
import { BitString } from '../types/bit-string.ts'
import { Interval } from '../types/interval.ts'
import { Range } from '../types/range.ts'
import { type TemporalName, temporalName, temporalNanoseconds, temporalText } from '../types/temporal.ts'
import { Spelling } from './generated.ts'

/** A value in its type's own text. */
export interface Spelled {
  readonly spelling: Spelling
  readonly text: string
}

type Fields = { readonly [name: string]: unknown }

/**
 * An instance of one of the classes that values come out as, or of Temporal's, in its type's own text; `undefined` for any
 * other object.
 */
export function spelledInstance(value: object): Spelled | undefined {
  if (value instanceof Range) {
    return hasPlainBounds(value) ? { spelling: Spelling.Range, text: rangeText(value) } : undefined
  }
  if (value instanceof Interval) return { spelling: Spelling.Interval, text: value.toString() }
  if (value instanceof BitString) return { spelling: Spelling.BitString, text: value.toString() }
  return temporal(value)
}

/**
 * A plain object that has the members of a geometric value or a snapshot, or some of those of an interval, and no others, in
 * its type's own text.
 */
export function spelledFigure(value: object): Spelled | undefined {
  const members = Object.keys(value)
  if (members.length > MOST_MEMBERS) return undefined
  const figure = FIGURES.get(members.sort().join())
  const text = figure?.write(value as Fields)
  return figure === undefined || text === undefined ? undefined : { spelling: figure.spelling, text }
}

/** Whether the bounds of a range have one text, whatever type they are of. */
export function hasPlainBounds({ lower, upper }: Range): boolean {
  return isPlainBound(lower) && isPlainBound(upper)
}

function isPlainBound(bound: unknown): boolean {
  // An integer beyond the safe ones is written with digits that may be those of another one.
  if (typeof bound === 'number') return !Number.isInteger(bound) || Number.isSafeInteger(bound)
  if (bound === null || typeof bound === 'string' || typeof bound === 'bigint') return true
  return types.isDate(bound) || isTemporal(bound)
}

function rangeText(range: Range): string {
  for (const bound of [range.lower, range.upper]) {
    if (types.isDate(bound) && Number.isNaN(Date.prototype.getTime.call(bound))) {
      throw new Unsendable('a bound of it is an invalid Date')
    }
    if (isTemporal(bound)) checkNanoseconds(bound)
  }
  return range.toString()
}

interface Figure {
  readonly spelling: Spelling
  /** `undefined` when its members are not what they should be. */
  readonly write: (value: Fields) => string | undefined
}

/** Figures by the names of their members, in order. */
const FIGURES: ReadonlyMap<string, Figure> = new Map([
  ['x,y', { spelling: Spelling.Point, write: point }],
  ['a,b,c', { spelling: Spelling.Line, write: ({ a, b, c }) => enclosed('{', numbers([a, b, c]), '}') }],
  ['p1,p2', { spelling: Spelling.Segment, write: ({ p1, p2 }) => enclosed('[', points([p1, p2]), ']') }],
  ['high,low', { spelling: Spelling.Box, write: ({ high, low }) => points([high, low]) }],
  ['isClosed,points', { spelling: Spelling.Path, write: path }],
  ['points', { spelling: Spelling.Polygon, write: ({ points: all }) => enclosed('(', points(all), ')') }],
  ['center,radius', { spelling: Spelling.Circle, write: circle }],
  ['xip,xmax,xmin', { spelling: Spelling.Snapshot, write: snapshot }],
  // What an interval does not have is 0.
  ...[
    'days,microseconds,months',
    'days,microseconds',
    'days,months',
    'microseconds,months',
    'days',
    'microseconds',
    'months',
  ].map((members): [string, Figure] => [members, { spelling: Spelling.Interval, write: interval }]),
] satisfies [string, Figure][])

const MOST_MEMBERS = 3

function enclosed(open: string, text: string | undefined, close: string): string | undefined {
  return text === undefined ? undefined : open + text + close
}

function point(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.length === 2 ? enclosed('(', numbers([...value]), ')') : undefined
  if (typeof value !== 'object' || value === null) return undefined
  const { x, y } = value as Fields
  return enclosed('(', numbers([x, y]), ')')
}

function points(all: unknown): string | undefined {
  return Array.isArray(all) ? joined(all.map(point)) : undefined
}

function numbers(all: unknown[]): string | undefined {
  return joined(all.map((value) => (typeof value === 'number' ? numberText(value) : undefined)))
}

function joined(texts: (string | undefined)[]): string | undefined {
  return texts.includes(undefined) ? undefined : texts.join()
}

/** JavaScript leaves the sign of -0 out. */
function numberText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function path({ points: all, isClosed }: Fields): string | undefined {
  if (typeof isClosed !== 'boolean') return undefined
  const text = points(all)
  return isClosed ? enclosed('(', text, ')') : enclosed('[', text, ']')
}

function circle({ center, radius }: Fields): string | undefined {
  return enclosed('<', joined([point(center), numbers([radius])]), '>')
}

function interval(value: Fields): string | undefined {
  const isPart = (part: unknown): boolean => Number.isSafeInteger(part)
  const { microseconds, ...others } = value
  const isTime = microseconds === undefined || typeof microseconds === 'bigint' || isPart(microseconds)
  return isTime && Object.values(others).every(isPart) ? String(new Interval(value)) : undefined
}

function snapshot({ xmin, xmax, xip }: Fields): string | undefined {
  if (!isList(xip) || ![xmin, xmax, ...xip].every((xid) => typeof xid === 'bigint')) return undefined
  return `${xmin}:${xmax}:${xip.join()}`
}

function isList(value: unknown): value is readonly unknown[] | BigInt64Array | BigUint64Array {
  return Array.isArray(value) || types.isBigInt64Array(value) || types.isBigUint64Array(value)
}

const SPELLINGS: { readonly [name in TemporalName]: Spelling } = {
  Instant: Spelling.Instant,
  ZonedDateTime: Spelling.Instant,
  PlainDateTime: Spelling.DateTime,
  PlainDate: Spelling.Date,
  PlainTime: Spelling.Time,
  Duration: Spelling.Interval,
}

/** A runtime without Temporal has no values of it: then no object is asked. */
function isTemporal(value: unknown): value is object {
  return 'Temporal' in globalThis && temporalName(value) !== undefined
}

function temporal(value: object): Spelled | undefined {
  if (!isTemporal(value)) return undefined
  checkNanoseconds(value)
  const { name, text } = temporalText(value)
  return { spelling: SPELLINGS[name], text }
}

function checkNanoseconds(value: object): void {
  if (temporalNanoseconds(value) === 0) return
  throw new Unsendable(
    'PostgreSQL has microseconds, the value has nanoseconds',
    "round it to 'microsecond' first",
  )
}
