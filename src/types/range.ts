import { types } from 'node:util'
import { compareBounds, hexOf } from './range-bounds.ts'
import { temporalName, temporalText } from './temporal.ts'

/** A value of a range type: what lies between two bounds, or nothing. */
export class Range<T = any> {
  /** The lower bound, `null` when there is none, and of an empty range. */
  readonly lower: T | null
  /** The upper bound, `null` when there is none, and of an empty range. */
  readonly upper: T | null
  /** Whether the lower bound itself is in the range; never where there is none. */
  readonly lowerInc: boolean
  /** Whether the upper bound itself is in the range; never where there is none. */
  readonly upperInc: boolean
  /** Whether it contains nothing. */
  readonly isEmpty: boolean

  /**
   * @param lower `null` for none: the range is infinite to that side.
   * @param upper the same.
   * @param options `lowerInc` (default true) and `upperInc` (default false) say whether the bounds are in the range;
   * `empty` makes the range that contains nothing, whatever the bounds.
   *
   * ```ts
   * new Range(1, 5).toString() // => '[1,5)'
   * new Range(null, 5, { upperInc: true }).toString() // => '(,5]'
   * ```
   */
  constructor(
    lower?: T | null,
    upper?: T | null,
    options?: { lowerInc?: boolean; upperInc?: boolean; empty?: boolean },
  ) {
    const isEmpty = options?.empty === true
    this.lower = isEmpty ? null : (lower ?? null)
    this.upper = isEmpty ? null : (upper ?? null)
    this.lowerInc = this.lower !== null && (options?.lowerInc ?? true)
    this.upperInc = this.upper !== null && (options?.upperInc ?? false)
    this.isEmpty = isEmpty
  }

  /** The range has no lower bound. */
  get lowerInf(): boolean {
    return this.lower === null && !this.isEmpty
  }

  /** The range has no upper bound. */
  get upperInf(): boolean {
    return this.upper === null && !this.isEmpty
  }

  /**
   * Whether all that is in this range is in the other one too. Bounds are compared as they are: `[1,4]` and `[1,5)` of
   * integers hold the same and are not told to; PostgreSQL gives ranges of integers and dates as `[1,5)` always.
   */
  isSubset(other: Range<T>): boolean {
    if (this.isEmpty) return true
    if (other.isEmpty) return false
    return lowerOrder(other, this) <= 0 && upperOrder(this, other) <= 0
  }

  /** Whether all that is in the other range is in this one too. */
  isSuperset(other: Range<T>): boolean {
    return other.isSubset(this)
  }

  /** Whether the other value is a range with the same bounds. */
  equals(other: unknown): boolean {
    return (
      other instanceof Range &&
      this.isEmpty === other.isEmpty &&
      (this.isEmpty || (lowerOrder(this, other) === 0 && upperOrder(this, other) === 0))
    )
  }

  /** As PostgreSQL writes and reads it: `[1,5)`, `(,"2024-01-31 10:00:00+00"]`, `empty`. */
  toString(): string {
    if (this.isEmpty) return 'empty'
    const [open, close] = [this.lowerInc ? '[' : '(', this.upperInc ? ']' : ')']
    return `${open}${boundText(this.lower)},${boundText(this.upper)}${close}`
  }
}

function lowerOrder(a: Range, b: Range): number {
  if (a.lower === null || b.lower === null) return Number(b.lower === null) - Number(a.lower === null)
  // The bound that is in the range comes first.
  return compareBounds(a.lower, b.lower) || Number(b.lowerInc) - Number(a.lowerInc)
}

function upperOrder(a: Range, b: Range): number {
  if (a.upper === null || b.upper === null) return Number(a.upper === null) - Number(b.upper === null)
  return compareBounds(a.upper, b.upper) || Number(a.upperInc) - Number(b.upperInc)
}

/** What must not stand in a bound that is not quoted; blanks as PostgreSQL knows them. */
const SPECIAL = /[ \t\n\v\f\r"\\()[\],]|^$/

function boundText(bound: unknown): string {
  if (bound === null) return ''
  const text = plainText(bound)
  return SPECIAL.test(text) ? `"${text.replaceAll(/["\\]/g, '$&$&')}"` : text
}

function plainText(bound: unknown): string {
  if (Object.is(bound, -0)) return '-0'
  if (bound === Number.POSITIVE_INFINITY) return 'infinity'
  if (bound === Number.NEGATIVE_INFINITY) return '-infinity'
  if (types.isDate(bound)) return dateText(bound)
  if (types.isUint8Array(bound)) return `\\x${hexOf(bound)}`
  return temporalName(bound) === undefined ? String(bound) : temporalText(bound as object).text
}

/** A Date in UTC, in a form that all types of date and time read: `2024-01-31 10:00:00.123+00`. */
function dateText(date: Date): string {
  const year = date.getUTCFullYear()
  const text = date.toISOString().replace(/^[+-]?\d+/, String(year > 0 ? year : 1 - year).padStart(4, '0'))
  const [day, time] = [text.slice(0, text.indexOf('T')), text.slice(text.indexOf('T') + 1, -1)]
  return `${day} ${time.replace(/\.?0+$/, '')}+00${year > 0 ? '' : ' BC'}`
}
