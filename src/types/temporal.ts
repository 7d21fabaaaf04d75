// The classes of Temporal as far as PostgreSQL has their values.
//
// They are told by what they say of themselves: there may be more than one implementation in a program.

/** The names of those classes whose objects are values of a type of PostgreSQL. */
export type TemporalName =
  | 'Instant'
  | 'ZonedDateTime'
  | 'PlainDateTime'
  | 'PlainDate'
  | 'PlainTime'
  | 'Duration'

type Fields = { readonly [name: string]: unknown }

const NAMES: ReadonlySet<string> = new Set<TemporalName>([
  'Instant',
  'ZonedDateTime',
  'PlainDateTime',
  'PlainDate',
  'PlainTime',
  'Duration',
])

/** The name of the class that a value is of; `undefined` for any other value. */
export function temporalName(value: unknown): TemporalName | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const tag: unknown = (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
  if (typeof tag !== 'string' || !tag.startsWith('Temporal.')) return undefined
  const name = tag.slice('Temporal.'.length)
  return NAMES.has(name) ? (name as TemporalName) : undefined
}

/** The nanoseconds beyond whole microseconds, which PostgreSQL does not have. */
export function temporalNanoseconds(value: object): unknown {
  const { name, fields } = fieldsOf(value)
  if (name === 'PlainDate') return 0
  return name === 'Duration' ? fields.nanoseconds : fields.nanosecond
}

/**
 * A value in the text that its type in PostgreSQL reads, whatever the session's settings are: years before 1 with their
 * era at the end, instants in UTC.
 */
export function temporalText(value: object): { readonly name: TemporalName; readonly text: string } {
  const { name, fields } = fieldsOf(value)
  return { name, text: textOf(name, fields) }
}

/** Where a value stands to another one of the same class: below 0, 0, above 0. */
export function compareTemporal(a: object, b: object): number {
  return (a.constructor as unknown as { compare(a: object, b: object): number }).compare(a, b)
}

/** The fields of a value in PostgreSQL's calendar, and in UTC. */
function fieldsOf(value: object): { readonly name: TemporalName; readonly fields: Fields } {
  const name = temporalName(value) as TemporalName
  switch (name) {
    case 'Instant': {
      const instant = value as { toZonedDateTimeISO(zone: string): Fields }
      return { name, fields: instant.toZonedDateTimeISO('UTC') }
    }
    case 'ZonedDateTime':
      return { name, fields: fieldsOf((value as { toInstant(): object }).toInstant()).fields }
    case 'PlainDateTime':
    case 'PlainDate':
      return { name, fields: (value as { withCalendar(calendar: string): Fields }).withCalendar('iso8601') }
    default:
      return { name, fields: value as Fields }
  }
}

function textOf(name: TemporalName, fields: Fields): string {
  if (name === 'Duration') return durationText(fields)
  if (name === 'PlainTime') return timeText(fields)
  const { day, era } = dayText(fields)
  if (name === 'PlainDate') return day + era
  return `${day} ${timeText(fields)}${name === 'PlainDateTime' ? '' : '+00'}${era}`
}

/** Years before 1 are counted backwards, with their era at the end. */
function dayText({ year, month, day }: Fields): { day: string; era: string } {
  const isBefore = Number(year) < 1
  const shown = String(isBefore ? 1 - Number(year) : year).padStart(4, '0')
  return { day: `${shown}-${two(month)}-${two(day)}`, era: isBefore ? ' BC' : '' }
}

function timeText({ hour, minute, second, millisecond, microsecond, nanosecond }: Fields): string {
  const fraction = `${three(millisecond)}${three(microsecond)}${three(nanosecond)}`.replace(/0+$/, '')
  return `${two(hour)}:${two(minute)}:${two(second)}${fraction === '' ? '' : `.${fraction}`}`
}

function durationText(value: Fields): string {
  const { years, months, weeks, days, hours, minutes, seconds, milliseconds, microseconds } = value
  // A BigInt is written in digits; the largest numbers would not be.
  const micros = BigInt(microseconds as number)
  return (
    `${years} years ${months} months ${weeks} weeks ${days} days ${hours} hours ${minutes} minutes ` +
    `${seconds} seconds ${milliseconds} milliseconds ${micros} microseconds`
  )
}

const two = (value: unknown): string => String(value).padStart(2, '0')
const three = (value: unknown): string => String(value).padStart(3, '0')
