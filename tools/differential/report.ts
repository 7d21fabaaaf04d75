// Compares what three drivers have read, and writes docs/reference/differences.md.

import { inspect, isDeepStrictEqual } from 'node:util'
import type { Case } from './cases.ts'
import { type Difference, EXPLANATIONS, kindOf } from './explanations.ts'
import { type Described, mapped } from './mapping.ts'

export const DRIVERS = ['asyncpg', 'psycopg'] as const
export type Driver = (typeof DRIVERS)[number]

/** What cornac has read of a case, beside what the server prints. */
export type Ours = readonly { readonly v: unknown; readonly text: string }[]

export interface Compared {
  readonly type: string
  readonly values: number
  readonly kinds: { readonly [driver in 'cornac' | Driver]: readonly string[] }
  /** The keys of what explains the differences. */
  readonly explained: { readonly [driver in Driver]: ReadonlySet<string> }
  /** Differences that nothing explains. */
  readonly open: readonly string[]
}

export function compare(
  { type }: Case,
  ours: Ours,
  theirs: { readonly [driver in Driver]: readonly Described[] },
): Compared {
  const explained = { asyncpg: new Set<string>(), psycopg: new Set<string>() }
  const open: string[] = []
  for (const driver of DRIVERS) {
    for (const [i, { v, text }] of ours.entries()) {
      const described = asRead(driver, type, theirs[driver][i] as Described)
      const difference = differenceOf({ driver, type, ours: v, described, printed: text })
      if (difference === undefined) continue
      const found = EXPLANATIONS.find(({ holds }) => holds(difference))
      if (found !== undefined) explained[driver].add(found.key)
      else
        open.push(
          `${type} ${cut(text)}: cornac gives ${cut(inspect(v))}, ${driver} ${cut(JSON.stringify(described))}`,
        )
    }
  }
  const kinds = {
    cornac: distinct(ours.map(({ v }) => kindOf(v))),
    asyncpg: distinct(theirs.asyncpg.map(([kind]) => kind)),
    psycopg: distinct(theirs.psycopg.map(([kind]) => kind)),
  }
  return { type, values: ours.length, kinds, explained, open }
}

/** asyncpg gives documents as their texts. */
function asRead(driver: Driver, type: string, described: Described): Described {
  if (driver !== 'asyncpg' || !type.startsWith('json') || type === 'jsonpath') return described
  const [kind, text] = described
  if (kind === 'list') return [kind, text.map((one: Described) => asRead(driver, type, one))]
  return kind === 'str' ? ['json', text] : described
}

function differenceOf(read: Omit<Difference, 'theirs'>): Difference | undefined {
  const { type, ours, described, printed } = read
  if (described[0] === 'error') return { ...read, theirs: undefined }
  // The text that the server prints is a value where a driver has no kind for it.
  if (described[0] === 'str' && typeof ours !== 'string' && described[1] === printed) return undefined
  const theirs = mapped(described, type, ours)
  return isDeepStrictEqual(theirs, ours) ? undefined : { ...read, theirs }
}

function distinct(all: readonly string[]): string[] {
  return [...new Set(all)].filter((one) => one !== 'error' && one !== 'null' && one !== 'none').sort()
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 160 ? `${line.slice(0, 160)}…` : line
}

/** What read.py calls it, as Python does. */
const NAMES: { readonly [kind: string]: string } = {
  decimal: 'Decimal',
  uuid: 'UUID',
  bits: 'BitString',
  range: 'Range',
}

/** The text of docs/reference/differences.md. */
export function document(
  all: readonly Compared[],
  versions: { readonly [driver in Driver]: string },
): string {
  const values = all.reduce((sum, one) => sum + one.values, 0)
  return `<!-- Written by npm run test:differential -- --write: change tools/differential, not this file. -->
# Values beside asyncpg and psycopg

\`npm run test:differential\` reads the same values with cornac, asyncpg ${versions.asyncpg} and psycopg ${versions.psycopg}: the limits
of each type and random ones, ${values} in all, each driver with its defaults but for \`timestamp\` and \`timestamptz\`, which
cornac reads with \`types: 'string'\`, so that no microsecond is out of sight. It brings them into one form and fails
for a difference that is not in the list below the table.

A letter names what explains the differences that were found. Without one, every value is the same. "str" for a type that is
no text means that the driver gives what the server prints.

| type | values | cornac | asyncpg | psycopg |
|---|---|---|---|---|
${all.map(row).join('\n')}

${EXPLANATIONS.filter(({ key }) => all.some((one) => isIn(one, key)))
  .toSorted((a, b) => a.key.localeCompare(b.key))
  .map(({ key, text }) => `- **${key}**: ${text}`)
  .join('\n')}
`
}

function isIn({ explained }: Compared, key: string): boolean {
  return DRIVERS.some((driver) => explained[driver].has(key))
}

function row({ type, values, kinds, explained }: Compared): string {
  const cell = (driver: Driver): string => {
    const letters = [...explained[driver]].sort().map((key) => ` **${key}**`)
    return kinds[driver].map((kind) => NAMES[kind] ?? kind).join(', ') + letters.join('')
  }
  return `| ${type} | ${values} | ${kinds.cornac.join(', ')} | ${cell('asyncpg')} | ${cell('psycopg')} |`
}
