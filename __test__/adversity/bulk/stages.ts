// Calls that move many rows, brought to a standstill on purpose: the server waits for a lock, or for the program, or the
// program for something of its own.

import type { CallOptions, Connection } from '../../../index.ts'
import type { Gate } from '../../support/gate.ts'
import type { Witness } from './works.ts'

/** The advisory lock that the server waits for; the test holds it. */
export const LOCK = 4_711

/** The server waits at a row whose `n` is this, and at COMMIT for one whose `n` is the next. */
const [AT_ROW, AT_COMMIT] = [-1, -2]

export const TRIGGERS = `
  create function wait() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock_shared(${LOCK}); return new; end $$;
  create trigger at_row before insert on bulk for each row when (new.n = ${AT_ROW}) execute function wait();
  create constraint trigger at_commit after insert on bulk deferrable initially deferred
    for each row when (new.n = ${AT_COMMIT}) execute function wait()`

export interface Standing {
  readonly connection: Connection
  readonly tag: number
  readonly witness: Witness
  readonly gate: Gate
  readonly options: CallOptions
}

export interface Stage {
  readonly name: string
  /** What it waits for there: the lock in the server, or the gate in the program, the server waiting for it or not. */
  readonly waits: 'lock' | 'gate' | 'gate and server'
  /** What an error says that ends the call there; any where the next rows may be under way. */
  readonly maybeExecuted: boolean | 'any'
  /** It ends there although the gate is shut. */
  readonly endsAtGate: boolean
  /** It is one call, with a limit and a signal. */
  readonly isOneCall: boolean
  begin(standing: Standing): Promise<unknown>
}

/** What a source gives: up to where it comes to a gate, or without an end. */
async function* elements<T>(
  { witness, gate }: Standing,
  made: readonly T[],
  then: 'gate' | T,
): AsyncGenerator<T> {
  witness.open++
  try {
    yield* made
    if (then === 'gate') await gate.pass()
    else for (;;) yield then
  } finally {
    witness.open--
  }
}

const line = (tag: number, n: number): Buffer => Buffer.from(`${tag}\t${n}\n`)
const INSERT = 'insert into bulk values ($1, $2)'

/** The server was not told that this is all: what it was sent does not stay. */
const UNFINISHED = { isOneCall: true, endsAtGate: true, maybeExecuted: false }
const OUT = { isOneCall: true, maybeExecuted: true }
const BODY = { isOneCall: false, endsAtGate: false }
const LOCKED = { waits: 'lock' } as const

function batches(method: 'executeMany' | 'fetchMany', text: string): Stage[] {
  return [
    {
      name: `${method}, behind its second set`,
      ...UNFINISHED,
      waits: 'gate',
      begin: (standing) => {
        const { connection, tag, options } = standing
        const sets = elements(
          standing,
          [
            [tag, 1],
            [tag, 2],
          ],
          'gate',
        )
        return connection[method](text, sets, options)
      },
    },
    {
      name: `${method} without an end, of which the server takes no more`,
      ...UNFINISHED,
      ...LOCKED,
      begin: (standing) => {
        const { connection, tag, options } = standing
        return connection[method](text, elements(standing, [[tag, AT_ROW]], [tag, 0]), options)
      },
    },
  ]
}

export const stages: readonly Stage[] = [
  {
    name: 'COPY of bytes, of which the server takes no more',
    ...UNFINISHED,
    ...LOCKED,
    begin({ connection, tag, options }) {
      // More than all buffers on the way take.
      const filler = Buffer.alloc(line(tag, 0).length * 4_000_000, line(tag, 0))
      return connection.copyToTable('bulk', {
        source: Buffer.concat([line(tag, AT_ROW), filler]),
        ...options,
      })
    },
  },
  {
    name: 'COPY of pieces, before the first',
    ...UNFINISHED,
    waits: 'gate and server',
    begin: (standing) =>
      standing.connection.copyToTable('bulk', {
        source: elements<Buffer>(standing, [], 'gate'),
        ...standing.options,
      }),
  },
  {
    name: 'COPY of pieces, behind the second',
    ...UNFINISHED,
    waits: 'gate and server',
    begin: (standing) =>
      standing.connection.copyToTable('bulk', {
        source: elements(standing, [line(standing.tag, 1), line(standing.tag, 2)], 'gate'),
        ...standing.options,
      }),
  },
  {
    name: 'COPY of pieces without an end, of which the server takes no more',
    ...UNFINISHED,
    ...LOCKED,
    begin: (standing) =>
      standing.connection.copyToTable('bulk', {
        source: elements(standing, [line(standing.tag, AT_ROW)], line(standing.tag, 0)),
        ...standing.options,
      }),
  },
  {
    name: 'copyRecordsToTable, before the first record',
    ...UNFINISHED,
    waits: 'gate',
    begin: (standing) =>
      standing.connection.copyRecordsToTable('bulk', {
        records: elements<number[]>(standing, [], 'gate'),
        ...standing.options,
      }),
  },
  {
    name: 'copyRecordsToTable, behind the second record',
    ...UNFINISHED,
    waits: 'gate and server',
    begin: (standing) =>
      standing.connection.copyRecordsToTable('bulk', {
        records: elements(
          standing,
          [
            [standing.tag, 1],
            [standing.tag, 2],
          ],
          'gate',
        ),
        ...standing.options,
      }),
  },
  {
    name: 'copyRecordsToTable without an end, of which the server takes no more',
    ...UNFINISHED,
    ...LOCKED,
    begin: (standing) =>
      standing.connection.copyRecordsToTable('bulk', {
        records: elements(standing, [[standing.tag, AT_ROW]], [standing.tag, 0]),
        ...standing.options,
      }),
  },
  {
    name: 'COPY out, before its first row',
    ...OUT,
    endsAtGate: true,
    ...LOCKED,
    begin: ({ connection, options }) =>
      connection.copyFromQuery(`select pg_advisory_xact_lock_shared(${LOCK})`, [], {
        output: () => {},
        ...options,
      }),
  },
  {
    name: 'COPY out without an end, to an output that takes no more',
    ...OUT,
    endsAtGate: false,
    waits: 'gate',
    begin: ({ connection, gate, options }) =>
      connection.copyFromQuery("select repeat('x', 1000), generate_series(1, 1000000000)", [], {
        output: () => gate.pass(),
        ...options,
      }),
  },
  ...batches('executeMany', INSERT),
  ...batches('fetchMany', `${INSERT} returning n`),
  {
    name: 'a cursor, between two of its rows',
    ...BODY,
    waits: 'gate and server',
    maybeExecuted: 'any',
    begin: ({ connection, gate }) =>
      connection.transaction(async () => {
        for await (const _ of connection.cursor('select generate_series(1, 9)', [], { prefetch: 1 })) {
          await gate.pass()
        }
      }),
  },
  {
    name: 'a cursor, within its third row',
    ...BODY,
    ...LOCKED,
    maybeExecuted: true,
    begin: ({ connection }) =>
      connection.transaction(async () => {
        const query = `select case n when 3 then pg_advisory_xact_lock_shared(${LOCK}) end from generate_series(1, 9) n`
        for await (const _ of connection.cursor(query, [], { prefetch: 1 }));
      }),
  },
  {
    name: 'a transaction, between two of its statements',
    ...BODY,
    waits: 'gate and server',
    maybeExecuted: false,
    begin: ({ connection, tag, gate }) =>
      connection.transaction(async (tx) => {
        await tx.execute(INSERT, [tag, 1])
        await gate.pass()
        await tx.execute(INSERT, [tag, 2])
        await tx.execute(INSERT, [tag, 3])
      }),
  },
  {
    name: 'a transaction, within its second statement',
    ...BODY,
    ...LOCKED,
    maybeExecuted: true,
    begin: ({ connection, tag }) =>
      connection.transaction(async (tx) => {
        for (const n of [1, AT_ROW, 3]) await tx.execute(INSERT, [tag, n])
      }),
  },
  {
    name: 'a transaction, within its COMMIT',
    ...BODY,
    ...LOCKED,
    maybeExecuted: true,
    begin: ({ connection, tag }) =>
      connection.transaction(async (tx) => {
        for (const n of [1, AT_COMMIT, 3]) await tx.execute(INSERT, [tag, n])
      }),
  },
]
