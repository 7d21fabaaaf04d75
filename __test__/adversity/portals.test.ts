// Statements and cursors when the world goes wrong: the backend is killed, the connection is cut, a call is given up, at
// every byte of an exchange and between any two steps of the program. What comes is whole and in order, or an error.

import test, { type ExecutionContext } from 'ava'
import {
  AdminShutdownError,
  type Connection,
  ConnectionDoesNotExistError,
  connect,
  InFailedSQLTransactionError,
} from '../../index.ts'
import { AdminSession } from '../support/admin.ts'
import { ChaosProxy } from '../support/chaos-proxy.ts'
import { randomFrom } from '../support/random.ts'
import { type TestDatabase, testDatabase } from '../support/server.ts'
import { eventually } from '../support/waiting.ts'
import { isLong, type Outcome, openSockets, outcome } from './outcome.ts'

const { serial } = test
const ROWS = 9
const SERIES = 'select n from generate_series(1, $1::int) n'

/** What a program has seen of an exchange; each step of it may be the last one. */
interface Seen {
  readonly rows: number[]
  /** Awaited behind each step. */
  readonly step: () => Promise<void>
}

const seeing = (step: () => Promise<void> = async () => {}): Seen => ({ rows: [], step })

type Exchange = (connection: Connection, seen: Seen, signal?: AbortSignal) => Promise<unknown>

const inOrder = (rows: readonly number[]): boolean => rows.every((n, i) => n === i + 1)

/** Statements and cursors, each step awaited. They end with all rows seen. */
const exchanges: Record<string, Exchange> = {
  async 'a loop'(connection, seen, signal) {
    await connection.transaction(async () => {
      const options = { prefetch: 2, ...(signal && { signal }) }
      for await (const { n } of connection.cursor<{ n: number }>(SERIES, [ROWS], options)) {
        seen.rows.push(n)
        await seen.step()
      }
    })
  },
  async 'a cursor that is moved by hand'(connection, seen, signal) {
    const options = signal && { signal }
    const take = async (rows: readonly { n: number }[]): Promise<void> => {
      seen.rows.push(...rows.map(({ n }) => n))
      await seen.step()
    }
    await connection.transaction(async () => {
      const cursor = await connection.cursor<{ n: number }>(SERIES, [ROWS + 3]).open(options)
      await take(await cursor.fetch(4, options))
      await take(await cursor.fetch(5, options))
      await cursor.forward(2, options)
      await seen.step()
      if ((await cursor.fetchRow(options))?.n !== ROWS + 3) throw new Error('a wrong row')
      await seen.step()
      await cursor.close()
      await seen.step()
    })
  },
  async 'a prepared statement'(connection, seen, signal) {
    const options = signal && { signal }
    const statement = await connection.prepare<{ n: number }>(SERIES, options)
    await seen.step()
    const rows = await statement.fetch([ROWS], options)
    await seen.step()
    seen.rows.push(...rows.map(({ n }) => n))
    await statement.explain([1], { analyze: true, ...options })
    await seen.step()
    await statement.close()
  },
}

async function proxied(
  t: ExecutionContext,
): Promise<{ proxy: ChaosProxy; dsn: string; database: TestDatabase }> {
  const database = await testDatabase()
  const { host, port } = database.server
  const proxy = await ChaosProxy.start({ target: { host, port } })
  t.teardown(() => proxy.close())
  const dsn = database.dsn({ host: proxy.host, port: proxy.port, parameters: { sslmode: 'disable' } })
  return { proxy, dsn, database }
}

function shown(result: Outcome): string {
  return result.kind === 'rejected' ? `${result.error?.stack}` : result.kind
}

const FREE = { after: Number.POSITIVE_INFINITY, how: 'fin', direction: 'toClient' } as const

for (const [name, play] of Object.entries(exchanges)) {
  for (const direction of ['toClient', 'toServer'] as const) {
    serial(`${name}, cut ${direction} at every byte`, async (t) => {
      t.timeout(600_000)
      const { proxy, dsn } = await proxied(t)
      const bytes = (): number => {
        const link = proxy.connections.at(-1)
        return (direction === 'toClient' ? link?.bytesToClient : link?.bytesToServer) ?? 0
      }
      const whole = await connect(dsn)
      const begin = bytes()
      const seen: Seen = seeing()
      await play(whole, seen)
      t.is(seen.rows.length, ROWS)
      const length = bytes() - begin
      whole.terminate()

      const sockets = openSockets()
      const step = isLong ? 1 : Math.max(1, Math.floor(length / 60))
      for (let after = 0; after < length; after += step) {
        const where = `after ${after} of ${length} bytes`
        proxy.set({ cut: FREE })
        const connection = await connect(dsn)
        proxy.set({ cut: { after: bytes() + after, how: after % 2 === 0 ? 'reset' : 'fin', direction } })
        const cut: Seen = seeing()
        const result = await outcome(play(connection, cut))
        t.true(inOrder(cut.rows), `${where}: ${cut.rows}`)
        if (result.kind === 'fulfilled') t.is(cut.rows.length, ROWS, where)
        else {
          t.true(
            result.kind === 'rejected' && result.error instanceof ConnectionDoesNotExistError,
            `${where}: ${shown(result)}`,
          )
          t.true(await eventually(() => connection.isClosed()), where)
        }
        connection.terminate()
      }
      proxy.set({ cut: FREE })
      proxy.dropAll()
      t.true(await eventually(() => openSockets() <= sockets + 2))
    })
  }

  serial(`${name}, given up at every byte of its answers`, async (t) => {
    t.timeout(600_000)
    const { proxy, dsn } = await proxied(t)
    const link = () => proxy.connections.findLast(({ bytesToClient }) => bytesToClient > 0)
    const whole = await connect(dsn)
    const begin = link()?.bytesToClient ?? 0
    await play(whole, seeing())
    const length = (link()?.bytesToClient ?? 0) - begin
    whole.terminate()

    const reason = new Error('given up')
    let given = 0
    const step = isLong ? 1 : Math.max(1, Math.floor(length / 40))
    for (let after = 0; after < length; after += step) {
      const where = `after ${after} of ${length} bytes`
      const connection = await connect(dsn)
      const own = proxy.connections.at(-1)
      const start = own?.bytesToClient ?? 0
      proxy.set({ cut: { after: start + after, how: 'hold', direction: 'toClient' } })
      const controller = new AbortController()
      const seen: Seen = seeing()
      const playing = outcome(play(connection, seen, controller.signal))
      t.true(await eventually(() => (own?.bytesToClient ?? 0) >= start + after), where)
      controller.abort(reason)
      proxy.set({ cut: { ...FREE, how: 'hold' } })
      const result = await playing
      t.true(inOrder(seen.rows), `${where}: ${seen.rows}`)
      if (result.kind === 'rejected' && result.error === reason) given++
      else t.is(result.kind, 'fulfilled', `${where}: ${shown(result)}`)
      // Nothing is left of it: no transaction, no portal, and another one works.
      t.false(connection.isInTransaction(), where)
      const again: Seen = seeing()
      t.is((await outcome(play(connection, again))).kind, 'fulfilled', where)
      t.is(again.rows.length, ROWS, where)
      connection.terminate()
    }
    t.true(given > 0)
    t.log(`given up at ${given} places`)
  })

  serial(`${name}, with the backend killed behind each of its steps`, async (t) => {
    t.timeout(600_000)
    const database = await testDatabase()
    const admin = await AdminSession.open({ ...database.server, database: database.name })
    t.teardown(() => admin.close())
    let told = 0
    for (let at = 0; ; at++) {
      const connection = await connect(database.dsn())
      const pid = connection.getServerPid()
      let steps = 0
      let wasKilled = false
      const kill = async (): Promise<void> => {
        if (steps++ !== at) return
        wasKilled = true
        await admin.run(`select pg_terminate_backend(${pid})`)
        t.true(await eventually(() => connection.isClosed()))
      }
      const seen = seeing(kill)
      await kill()
      const result = await outcome(play(connection, seen))
      const where = `${name}, step ${at}`
      t.true(inOrder(seen.rows), where)
      if (result.kind === 'rejected') {
        const { error } = result
        const isLoss =
          error instanceof ConnectionDoesNotExistError && typeof error.maybeExecuted === 'boolean'
        t.true(isLoss || error instanceof AdminShutdownError, `${where}: ${shown(result)}`)
        told++
      } else t.is(result.kind, 'fulfilled', where)
      connection.terminate()
      if (!wasKilled) break
    }
    t.true(told > 0)
  })
}

serial(
  'a loop that is given up between any two of its rows leaves its transaction to be rolled back',
  async (t) => {
    const database = await testDatabase()
    const connection = await connect(database.dsn())
    t.teardown(() => connection.terminate())
    const random = randomFrom(13)
    for (let round = 0; round < 200; round++) {
      const controller = new AbortController()
      const { signal } = controller
      const turns = Math.floor(random() * 12)
      const giveUp = async (): Promise<void> => {
        for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve))
        controller.abort('given up')
      }
      const seen: number[] = []
      const loop = async (): Promise<void> => {
        for await (const { n } of connection.cursor<{ n: number }>(SERIES, [40], { prefetch: 3, signal })) {
          seen.push(n)
        }
      }
      const result = outcome(
        connection.transaction(async (tx) => {
          const ended = await outcome(loop())
          // What the cancel has hit is this transaction, and nothing else.
          const next = await outcome(tx.fetchValue('select 1'))
          if (next.kind === 'rejected') t.true(next.error instanceof InFailedSQLTransactionError, shown(next))
          if (ended.kind === 'rejected') throw ended.error
        }),
      )
      await giveUp()
      const ended = await result
      t.true(inOrder(seen))
      if (ended.kind === 'rejected') t.is(ended.error, 'given up')
      else t.is(seen.length, 40)
      t.is(await connection.fetchValue('select $1::int', [round]), round)
      t.false(connection.isInTransaction())
    }
  },
)
