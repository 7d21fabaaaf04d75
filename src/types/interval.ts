const MICROSECONDS = { hour: 3_600_000_000n, minute: 60_000_000n, second: 1_000_000n } as const

/**
 * A value of type interval. PostgreSQL keeps its three parts apart, since a month has no fixed number of days and a day
 * none of hours.
 */
export class Interval {
  /** Whole months, years included. */
  readonly months: number
  /** Whole days. */
  readonly days: number
  /** Hours, minutes and seconds, as microseconds. */
  readonly microseconds: bigint

  /**
   * @param parts whole numbers, each with its own sign; what is not given is 0.
   * @throws TypeError when a part is no whole number.
   *
   * ```ts
   * new Interval({ months: 14, days: -3, microseconds: 500_000 }).toString() // => 'P1Y2M-3DT0.5S'
   * ```
   */
  constructor(parts: { months?: number; days?: number; microseconds?: number | bigint } = {}) {
    const { months = 0, days = 0, microseconds = 0n } = parts
    this.months = whole('months', months)
    this.days = whole('days', days)
    this.microseconds =
      typeof microseconds === 'bigint' ? microseconds : BigInt(whole('microseconds', microseconds))
  }

  /** ISO 8601 with designators, as PostgreSQL writes and reads it: `P1Y2M-3DT4H5M6.7S`; `PT0S` for no time at all. */
  toString(): string {
    const { months, days, microseconds } = this
    const date = part(Math.trunc(months / 12), 'Y') + part(months % 12, 'M') + part(days, 'D')
    if (microseconds === 0n) return date === '' ? 'PT0S' : `P${date}`
    const rest = microseconds % MICROSECONDS.minute
    const hours = part(microseconds / MICROSECONDS.hour, 'H')
    const minutes = part((microseconds / MICROSECONDS.minute) % 60n, 'M')
    return `P${date}T${hours}${minutes}${rest === 0n ? '' : `${seconds(rest)}S`}`
  }
}

function whole(name: string, value: number): number {
  if (!Number.isSafeInteger(value)) {
    throw new TypeError(`Interval takes a whole number of ${name}, got ${String(value)}`)
  }
  // -0 is no part of its own.
  return value + 0
}

function part(value: number | bigint, designator: string): string {
  // biome-ignore lint/suspicious/noDoubleEquals: 0 of either type.
  return value == 0 ? '' : `${value}${designator}`
}

function seconds(microseconds: bigint): string {
  const size = microseconds < 0n ? -microseconds : microseconds
  const fraction = String(size % MICROSECONDS.second)
    .padStart(6, '0')
    .replace(/0+$/, '')
  const whole = `${microseconds < 0n ? '-' : ''}${size / MICROSECONDS.second}`
  return fraction === '' ? whole : `${whole}.${fraction}`
}
