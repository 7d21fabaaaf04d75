// How the values of a type are proved: hundreds a query, random, in both directions, with the server as the judge.
//
// CORNAC_TEST_LONG=1 makes many more of them. A failure names its seed; CORNAC_SEED plays it again.

import { inspect, isDeepStrictEqual } from 'node:util'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import type { Connection } from '../../../index.ts'
import { open } from '../../query/open.ts'
import { type Family, type Sample, titleOf } from './families/sample.ts'

const isLong = process.env.CORNAC_TEST_LONG === '1'
const seed = process.env.CORNAC_SEED

/** Values a run, at the most. */
const BATCH = 150

const runs: fc.Parameters<any> = {
  numRuns: isLong ? 300 : 4,
  includeErrorInReport: true,
  // The smallest failing batch is found by more queries: a failure is to be told before the runner gives up.
  ...(isLong ? {} : { interruptAfterTimeLimit: 60_000 }),
  ...(seed === undefined ? {} : { seed: Number(seed) }),
}

/** A batch of values, NULL among them. */
export function batches<T>(samples: fc.Arbitrary<T>, most: number = BATCH): fc.Arbitrary<(T | null)[]> {
  return fc.array(fc.option(samples, { freq: 12 }), { minLength: 1, maxLength: most, size: 'max' })
}

/** Checks a property; what it throws names the seed and the smallest batch that fails. */
export async function prove<T>(
  t: ExecutionContext,
  arbitrary: fc.Arbitrary<T>,
  property: (input: T) => Promise<void>,
): Promise<void> {
  t.timeout(isLong ? 3_600_000 : 600_000)
  await fc.assert(fc.asyncProperty(arbitrary, property), runs)
  t.pass()
}

/** A test for each of the families, in sessions with these settings. */
export function proveFamilies(
  families: readonly Family[],
  serverSettings: { readonly [name: string]: string } = {},
): void {
  const settings = Object.entries(serverSettings).map(([name, value]) => `, ${name} ${value}`)
  for (const family of families) {
    test(`${titleOf(family)}${settings}`, async (t) => {
      await checkFamily(t, await open(t, { types: family.options, serverSettings }), family)
    })
  }
}

/** Each value out of the server and into it: alone, in arrays of one dimension and of more, by COPY. */
async function checkFamily(t: ExecutionContext, connection: Connection, family: Family): Promise<void> {
  const table = await makeTable(connection, family)
  await prove(t, batches(family.samples), async (batch) => {
    const told = await checkOut(connection, family, batch)
    await checkAlone(connection, family, told)
    await checkArray(connection, family, told)
    await checkCopied(connection, family, told, table)
  })
}

/** The values of a batch. */
interface Told {
  /** What is sent. */
  readonly sent: readonly unknown[]
  /** What comes out. */
  readonly values: readonly unknown[]
  /** What the server prints; nothing for NULL, as `format()` has it. */
  readonly texts: readonly string[]
}

async function checkOut(
  connection: Connection,
  { type, from }: Family,
  batch: readonly (Sample | null)[],
): Promise<Told> {
  const literals = batch.map((sample) => sample?.literal ?? null)
  const sql = `select v, format('%s', v) as text, array[v, null, v] as list
    from (select n, ${from ?? `x::${type}`} as v from unnest($1::text[]) with ordinality u (x, n)) s order by n`
  const rows: any[] = await connection.fetch(sql, [literals])
  const texts: string[] = column(rows, 'text')
  const values = batch.map((sample, i) => {
    const value = sample === null ? null : sample.value
    return typeof value === 'function' ? value(texts[i]) : value
  })
  const label = (i: number): string => `${type} of the literal ${shown(literals[i])}`
  eachIs(column(rows, 'v'), values, label)
  const lists = values.map((value) => [value, null, value])
  eachIs(column(rows, 'list'), lists, (i) => `array of ${label(i)}`)
  const { rows: arrays }: any = await connection.query(sql, [literals], { rows: 'array' })
  const whole = values.map((value, i) => [value, texts[i], lists[i]])
  eachIs(arrays, whole, (i) => `row as an array: ${label(i)}`)
  const sent = batch.map((sample, i) => (sample !== null && 'sent' in sample ? sample.sent : values[i]))
  return { sent, values, texts }
}

let made = 0

/** An argument a call, all of a batch in one tick: first before the parameter's type is known, then again. */
async function checkAlone(connection: Connection, { type }: Family, told: Told): Promise<void> {
  const sql = `select $1::${type} as v, format('%s', $1::${type}) as text /* ${++made} */`
  for (const kind of ['not described yet', 'described']) {
    const rows = await Promise.all(told.sent.map((value) => connection.fetchRow(sql, [value])))
    const label = (i: number): string => `${type} ${told.texts[i]}, sent as ${shown(told.sent[i])}, ${kind}`
    eachIs(column(rows, 'text'), told.texts, label)
    eachIs(column(rows, 'v'), told.values, (i) => `come back: ${label(i)}`)
  }
}

async function checkArray(
  connection: Connection,
  { type, isFlat, isRow }: Family,
  told: Told,
): Promise<void> {
  const label = (i: number): string => `${type} ${told.texts[i]}, sent in an array`
  // Not unnest(): of composites it makes columns.
  const sql = `select format('%s', a[n]) as text, case when n = 1 then a end as list,
      case when n = 1 then format('[-3:%s]=%s', array_length(a, 1) - 4, a)::${type}[] end as moved
    from (select $1::${type}[] as a) s, generate_series(1, array_length(a, 1)) n order by n`
  const rows: any[] = await connection.fetch(sql, [told.sent])
  eachIs(column(rows, 'text'), told.texts, label)
  eachIs(rows[0].list, told.values, (i) => `come back: ${label(i)}`)
  eachIs(rows[0].moved, told.values, (i) => `with a lower bound of -3: ${label(i)}`)
  const some = (all: readonly unknown[]): unknown[] =>
    all.filter((_, i) => !isRow || told.sent[i] !== null).slice(0, 24)
  if (isFlat || some(told.sent).length === 0) return
  const cube = (all: readonly unknown[]): unknown[] => some(all).map((one) => [[one, null, one]])
  const row: any = await connection.fetchRow(
    `select a, format('[0:%s][5:5][-1:1]=%s', array_length(a, 1) - 1, a)::${type}[] as moved
       from (select $1::${type}[] as a) s`,
    [cube(told.sent)],
  )
  for (const name of ['a', 'moved']) {
    eachIs(row[name], cube(told.values), (i) => `three dimensions (${name}): ${label(i)}`)
  }
}

/** A table for values that COPY puts in. */
async function makeTable(connection: Connection, { type }: Family): Promise<string> {
  const name = `copied_${++made}`
  await connection.execute(`create temp table ${name} (n int4, v ${type}, a ${type}[])`)
  return name
}

async function checkCopied(
  connection: Connection,
  { type }: Family,
  told: Told,
  table: string,
): Promise<void> {
  const records = told.sent.map((value, n) => [n, value, [value, null]])
  await connection.copyRecordsToTable(table, { records })
  const rows: any[] = await connection.fetch(`select format('%s', v) as text, v, a from ${table} order by n`)
  const label = (i: number): string => `${type} ${told.texts[i]}, copied from ${shown(told.sent[i])}`
  eachIs(column(rows, 'text'), told.texts, label)
  eachIs(column(rows, 'v'), told.values, (i) => `come back: ${label(i)}`)
  const lists = told.values.map((value) => [value, null])
  eachIs(column(rows, 'a'), lists, (i) => `in an array: ${label(i)}`)
  await connection.execute(`truncate ${table}`)
}

export function column(rows: readonly any[], name: string): any[] {
  return rows.map((row) => row[name])
}

/** Equal in kind and value, -0 and prototypes included; throws for the first pair that is not. */
export function eachIs(
  actual: readonly unknown[],
  expected: readonly unknown[],
  label: (index: number) => string,
): void {
  if (isDeepStrictEqual(actual, expected)) return
  if (actual.length !== expected.length) {
    throw new Error(`${actual.length} values where ${expected.length} were expected: ${label(0)}`)
  }
  const wrong = expected.findIndex((value, i) => !isDeepStrictEqual(actual[i], value))
  throw new Error(`${label(wrong)}: got ${shown(actual[wrong])}, expected ${shown(expected[wrong])}`)
}

function shown(value: unknown): string {
  const text = inspect(value, { depth: 6 })
  return text.length > 400 ? `${text.slice(0, 400)}… (${text.length} characters)` : text
}
