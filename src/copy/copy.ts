import type { Args, CallLimits } from '../call-options.ts'
import { InterfaceError, UnsupportedServerFeatureError } from '../errors/index.ts'
import { fromCall, inCallersQuery } from '../errors/with-query.ts'
import type { Observed } from '../observer.ts'
import type { SessionUse } from '../session-use.ts'
import { withStream } from '../stream-errors.ts'
import { now } from '../timers.ts'
import type { Timed } from '../types/call-timing.ts'
import { parseServerVersion } from '../types/server-version.ts'
import type { Want } from '../want.ts'
import { copyIn, copyRecords } from './in.ts'
import { CopyLimits } from './limits.ts'
import { withLiterals } from './literals.ts'
import {
  type CopyFromOptions,
  type CopyFromTableOptions,
  type CopyRecordsOptions,
  type CopyToOptions,
  checkFromQuery,
  checkFromTable,
  checkRecords,
  checkToTable,
} from './options.ts'
import { copyOut } from './out.ts'
import { queryToStdout, recordsFromStdin, tableFromStdin, tableToStdout } from './statement.ts'

/** Has what takes several calls done in one place of one session's. */
type OnSession = <R>(sql: string, limits: CallLimits, use: (on: SessionUse) => Promise<R>) => Promise<R>

export function copyFromQuery(
  onSession: OnSession,
  query: string,
  args: Args | undefined,
  options: CopyFromOptions,
): Promise<string> {
  const given = checkFromQuery(options)
  const sql = queryToStdout(query, options)
  const copy = async (on: SessionUse, limits: CopyLimits): Promise<string> => {
    if (args === undefined || args.length === 0) return copyOut(on, limits, sql, options)
    const text = await inlined(on, limits, query, args)
    const whole = queryToStdout(text, options)
    limits.texts.push(whole)
    return copyOut(on, limits, whole, options)
  }
  return run(onSession, given, sql, copy, { stream: options.output, direction: 'out', args })
}

export function copyFromTable(
  onSession: OnSession,
  table: string,
  options: CopyFromTableOptions,
): Promise<string> {
  const given = checkFromTable(options)
  const sql = tableToStdout(table, options)
  return run(onSession, given, sql, (on, limits) => copyOut(on, limits, sql, options), {
    stream: options.output,
    direction: 'out',
    of: collection(table, options.schema),
  })
}

export function copyToTable(onSession: OnSession, table: string, options: CopyToOptions): Promise<string> {
  const given = checkToTable(options)
  const sql = tableFromStdin(table, options)
  const copy = async (on: SessionUse, limits: CopyLimits): Promise<string> => {
    checkWhere(on, options.where)
    return copyIn(on, limits, sql, options)
  }
  return run(onSession, given, sql, copy, {
    stream: options.source,
    direction: 'in',
    of: collection(table, options.schema),
  })
}

export function copyRecordsToTable(
  onSession: OnSession,
  table: string,
  options: CopyRecordsOptions,
): Promise<string> {
  const given = checkRecords(options)
  const sql = recordsFromStdin(table, options, 'binary')
  const copy = async (on: SessionUse, limits: CopyLimits): Promise<string> => {
    checkWhere(on, options.where)
    return copyRecords(on, limits, table, options)
  }
  return run(onSession, given, sql, copy, {
    stream: options.records,
    direction: 'in',
    of: collection(table, options.schema),
  })
}

/** The name of a table as it was given. */
function collection(table: string, schema: string | undefined): string {
  return schema === undefined ? table : `${schema}.${table}`
}

/** What is known of a COPY beside its text. */
interface Copied {
  /** What is read or written, which may be a stream of Node. */
  readonly stream: unknown
  readonly direction: 'in' | 'out'
  readonly args?: Args | undefined
  /** The table. */
  readonly of?: string
}

/** An error of this library that has no text of its call gets that of the COPY. */
async function run(
  onSession: OnSession,
  given: CallLimits,
  sql: string,
  use: (on: SessionUse, limits: CopyLimits) => Promise<string>,
  { stream, direction, args, of }: Copied,
): Promise<string> {
  const texts: string[] = []
  try {
    return await withStream(stream, direction, () =>
      onSession(sql, given, (on) => {
        const { observer, ended } = on
        const describe = (): Observed => ({
          text: sql,
          args,
          timeout: on.limits.whole?.timeout ?? on.limits.timeout,
          attributes: {
            'db.operation.name': 'COPY',
            ...(of === undefined ? {} : { 'db.collection.name': of }),
          },
        })
        const start = now()
        return observer.observe('copy', describe, (timed) => {
          return held(on, async () => {
            const limits = new CopyLimits(on.limits, ended, timed && since(start, timed), texts)
            limits.throwIfOver()
            return use(on, limits)
          })
        })
      }),
    )
  } catch (error) {
    throw fromCall(error, sql, run, texts)
  }
}

/** Tells times from another moment on: that of the call, and not of the last of the calls that it makes. */
function since(start: number, timed: Timed): Timed {
  return ({ queued, sent, firstByte, complete, decoded }) => {
    // It was decoded now.
    const lag = now() - start - decoded
    timed(
      Object.freeze({
        queued: queued + lag,
        sent: sent + lag,
        firstByte: firstByte + lag,
        complete: complete + lag,
        decoded: decoded + lag,
      }),
    )
  }
}

/** Keeps the event loop alive meanwhile: also while an output is waited for that has everything from the server. */
async function held<T>({ make }: SessionUse, use: () => Promise<T>): Promise<T> {
  const holder = {}
  const session = make(({ session }) => session)
  session.hold(holder)
  try {
    return await use()
  } finally {
    session.unhold(holder)
  }
}

/**
 * A query's text with its arguments as literals. COPY takes no parameters: the server tells their types, and writes
 * the values as literals itself.
 */
async function inlined(on: SessionUse, limits: CopyLimits, query: string, args: Args): Promise<string> {
  limits.texts.push(query)
  try {
    return await withTypedLiterals(on, limits, query, args)
  } catch (error) {
    throw inCallersQuery(error, query)
  }
}

async function withTypedLiterals(
  on: SessionUse,
  limits: CopyLimits,
  query: string,
  args: Args,
): Promise<string> {
  const parameters = await on.make(async ({ session, holder }) => {
    const { query: prepared, parameters } = await session.prepare(query, undefined, limits.remaining, holder)
    session.letGo(prepared)
    return parameters
  })
  if (parameters.length !== args.length) throw wrongCount(parameters.length, args.length)
  const names = await on.make(({ session, holder }) =>
    session.call<string[]>({ ...VALUE, isPlain: true }, TYPE_NAMES, [parameters], limits.remaining, holder),
  )
  // By its output function: a cast to text changes some (a bpchar loses its blanks).
  const columns = names.map((name, index) => `pg_catalog.format('%L', $${index + 1}::${name})`)
  return on.make(async ({ session, holder }) => {
    // The arguments go in by the codecs of their types. What comes out has a type that nobody has a codec for, as for text.
    const literals = await session.call<string[]>(
      VALUE,
      `SELECT ARRAY[${columns.join(', ')}]::pg_catalog.refcursor[]`,
      args,
      limits.remaining,
      holder,
    )
    const hasEscapes = session.parameters.get('standard_conforming_strings') === 'off'
    // Another type than the parameter's would be found for a bare literal where it stands: an integer in '1' / 2.
    const typed = literals.map((literal, index) => `(${literal}::${names[index]})`)
    return withLiterals(query, typed, hasEscapes)
  })
}

const VALUE: Want = { kind: 'value', column: 0 }

/** With the modifier -1, which is none: without it `character` and `bit` are told, which are types of one character. */
const TYPE_NAMES = `SELECT pg_catalog.array_agg(pg_catalog.format_type(t.oid, -1) ORDER BY t.place)
FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS t (oid, place)`

function wrongCount(expected: number, passed: number): InterfaceError {
  const [noun, verb] = [expected === 1 ? 'argument' : 'arguments', passed === 1 ? 'was' : 'were']
  return new InterfaceError(
    `the server expects ${expected} ${noun} for this query, ${passed} ${verb} passed`,
    { hint: 'check the query against the passed list of arguments' },
  )
}

/** COPY FROM has a WHERE clause since PostgreSQL 12. */
function checkWhere(on: SessionUse, where: string | undefined): void {
  if (where === undefined) return
  const version = on.make(({ session }) => session.parameters.get('server_version'))
  if (version === undefined || parseServerVersion(version).major >= 12) return
  throw new UnsupportedServerFeatureError(
    `COPY takes a WHERE clause from PostgreSQL 12 on, the server is ${version}`,
  )
}
