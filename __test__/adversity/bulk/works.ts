// Calls that move many rows, each small enough to be disturbed at every byte of it. Those that write fill `bulk` with
// ROWS rows of their tag: all of them or none are there in the end.

import type { CallOptions, Connection } from '../../../index.ts'
import { collector } from '../../copy/ends.ts'

export const ROWS = 3

export const TABLE = 'create table bulk (tag int, n int)'

/** Sources and outputs that were begun and have not been told of their end. */
export interface Witness {
  open: number
}

export interface Work {
  readonly name: string
  readonly writes: boolean
  /** It has the wire alone: what is behind it waits for its end. */
  readonly isAlone: boolean
  /** Its calls take a signal and a timeout, and there is one exchange that they end. */
  readonly isOneCall: boolean
  run(connection: Connection, tag: number, witness: Witness, options?: CallOptions): Promise<unknown>
  /** What it gives. */
  value(tag: number): unknown
}

const numbers = Array.from({ length: ROWS }, (_, n) => n + 1)
const INSERT = 'insert into bulk values ($1, $2)'

/** Elements that come together, and whose source has to be told of its end. */
function* together<T>(witness: Witness, make: (n: number) => T): Generator<T> {
  witness.open++
  try {
    for (const n of numbers) yield make(n)
  } finally {
    witness.open--
  }
}

/** Elements that come one after the other. */
async function* apart<T>(witness: Witness, make: (n: number) => T): AsyncGenerator<T> {
  witness.open++
  try {
    for (const n of numbers) {
      await new Promise(setImmediate)
      yield make(n)
    }
  } finally {
    witness.open--
  }
}

/** An output that has to be told of its end. */
function told(witness: Witness, write: (piece: Buffer) => void): WritableStream<Uint8Array> {
  witness.open++
  const end = (): void => {
    witness.open--
  }
  return new WritableStream({ write: (piece) => write(Buffer.from(piece)), close: end, abort: end })
}

const line = (tag: number) => (n: number) => Buffer.from(`${tag}\t${n}\n`)
const set = (tag: number) => (n: number) => [tag, n]
const copied = (): string => `COPY ${ROWS}`
const nothing = (): undefined => undefined
const numbered = () => numbers.map((n) => ({ n }))

const COPY = { isAlone: true, isOneCall: true }
const MANY = { isAlone: false, isOneCall: true }
const SEVERAL = { isAlone: false, isOneCall: false }

export const works: readonly Work[] = [
  {
    name: 'COPY of bytes',
    writes: true,
    ...COPY,
    run: (connection, tag, _, options) =>
      connection.copyToTable('bulk', { source: Buffer.concat(numbers.map(line(tag))), ...options }),
    value: copied,
  },
  {
    name: 'COPY of pieces',
    writes: true,
    ...COPY,
    run: (connection, tag, witness, options) =>
      connection.copyToTable('bulk', { source: apart(witness, line(tag)), ...options }),
    value: copied,
  },
  {
    name: 'copyRecordsToTable',
    writes: true,
    ...COPY,
    run: (connection, tag, witness, options) =>
      connection.copyRecordsToTable('bulk', { records: together(witness, set(tag)), ...options }),
    value: copied,
  },
  {
    name: 'COPY out',
    writes: false,
    ...COPY,
    async run(connection, tag, witness, options) {
      const { take, text } = collector()
      const query = `select ${tag}, generate_series(1, ${ROWS})`
      return [await connection.copyFromQuery(query, [], { output: told(witness, take), ...options }), text()]
    },
    value: (tag) => [copied(), numbers.map((n) => `${tag}\t${n}\n`).join('')],
  },
  {
    name: 'executeMany',
    writes: true,
    ...MANY,
    run: (connection, tag, witness, options) =>
      connection.executeMany(INSERT, together(witness, set(tag)), options),
    value: nothing,
  },
  {
    name: 'executeMany of sets one after the other',
    writes: true,
    ...MANY,
    run: (connection, tag, witness, options) =>
      connection.executeMany(INSERT, apart(witness, set(tag)), options),
    value: nothing,
  },
  {
    name: 'fetchMany',
    writes: true,
    ...MANY,
    run: (connection, tag, witness, options) =>
      connection.fetchMany(`${INSERT} returning n`, together(witness, set(tag)), options),
    value: numbered,
  },
  {
    name: 'a cursor',
    writes: false,
    ...SEVERAL,
    run: (connection) =>
      connection.transaction(async () => {
        const rows: unknown[] = []
        const query = `select generate_series(1, ${ROWS}) n`
        for await (const row of connection.cursor(query, [], { prefetch: 1 })) rows.push(row)
        return rows
      }),
    value: numbered,
  },
  {
    name: 'a transaction of three statements',
    writes: true,
    ...SEVERAL,
    run: (connection, tag) =>
      connection.transaction(async (tx) => {
        for (const n of numbers) await tx.execute(INSERT, [tag, n])
        return tag
      }),
    value: (tag) => tag,
  },
]
