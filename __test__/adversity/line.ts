// A connection through a proxy that stops, cuts or passes what goes over it, at any place of one exchange.

import type { ExecutionContext } from 'ava'
import { type Connection, connect } from '../../index.ts'
import { type ChaosConnection, ChaosProxy, type Direction } from '../support/chaos-proxy.ts'
import { type TestDatabase, testDatabase } from '../support/server.ts'
import { until } from '../support/waiting.ts'
import { readTrace } from '../support/wire-trace.ts'

export const DIRECTIONS: readonly Direction[] = ['toServer', 'toClient']

/** Behind so many bytes of what one direction of an exchange carries. */
export interface Place {
  readonly direction: Direction
  readonly after: number
}

export interface Session {
  readonly connection: Connection
  readonly link: ChaosConnection
  /** Bytes that its login took. */
  readonly begin: Readonly<Record<Direction, number>>
}

/** What an exchange takes when nothing happens to it. */
export interface Exchange {
  readonly length: Readonly<Record<Direction, number>>
  /** Where messages begin and end. */
  readonly boundaries: Readonly<Record<Direction, readonly number[]>>
}

export class Line {
  readonly proxy: ChaosProxy
  readonly #dsn: string

  private constructor(proxy: ChaosProxy, database: TestDatabase) {
    this.proxy = proxy
    const { host, port } = proxy
    this.#dsn = database.dsn({ host, port, parameters: { sslmode: 'disable' } })
  }

  static async start(t: ExecutionContext): Promise<Line> {
    const database = await testDatabase()
    const { host, port } = database.server
    const proxy = await ChaosProxy.start({ target: { host, port }, capture: true })
    t.teardown(() => proxy.close())
    return new Line(proxy, database)
  }

  /** Logs in on a line that passes everything. */
  async open(): Promise<Session> {
    this.free()
    const connections = this.proxy.connections.length
    const connection = await connect(this.#dsn)
    const link = this.proxy.connections[connections] as ChaosConnection
    return { connection, link, begin: { toServer: link.bytesToServer, toClient: link.bytesToClient } }
  }

  /** Everything passes, and what was held goes on. */
  free(): void {
    const after = Number.POSITIVE_INFINITY
    this.proxy.set({ cut: { after, how: 'hold', direction: 'toServer' } })
  }

  /** Keeps back what comes behind a place. */
  hold(session: Session, place: Place): void {
    this.#cut(session, place, 'hold')
  }

  /** Ends the connection at a place. */
  cut(session: Session, place: Place, how: 'fin' | 'reset'): void {
    this.#cut(session, place, how)
  }

  #cut({ begin }: Session, { direction, after }: Place, how: 'fin' | 'reset' | 'hold'): void {
    this.proxy.set({ cut: { after: begin[direction] + after, how, direction } })
  }

  /** Has an exchange run undisturbed, and tells what it took. */
  async record(run: (connection: Connection) => Promise<unknown>): Promise<Exchange> {
    const { connection, link, begin } = await this.open()
    await run(connection)
    const length = {
      toServer: link.bytesToServer - begin.toServer,
      toClient: link.bytesToClient - begin.toClient,
    }
    connection.terminate()
    const boundaries = (direction: Direction): number[] => {
      const untyped = direction === 'toServer' ? 1 : 0
      const starts = readTrace(link.captured[direction], untyped).map(({ at }) => at - begin[direction])
      return [...starts.filter((at) => at >= 0 && at < length[direction]), length[direction]]
    }
    return { length, boundaries: { toServer: boundaries('toServer'), toClient: boundaries('toClient') } }
  }
}

/** Waits until the line has passed all before a place, or a call has ended without it. */
export function untilThere(
  { link, begin }: Session,
  { direction, after }: Place,
  hasEnded: () => boolean,
): Promise<void> {
  const passed = (): number => (direction === 'toServer' ? link.bytesToServer : link.bytesToClient)
  return until(`${after} bytes ${direction}`, () => passed() >= begin[direction] + after || hasEnded())
}

/** Each boundary between messages. */
export function boundaries(exchange: Exchange): Place[] {
  return DIRECTIONS.flatMap((direction) =>
    exchange.boundaries[direction].map((after) => ({ direction, after })),
  )
}

/** Every `step`th byte, and each boundary between messages. */
export function everyByte(exchange: Exchange, step: number): Place[] {
  return DIRECTIONS.flatMap((direction) => {
    const length = exchange.length[direction]
    const stepped = Array.from({ length: Math.ceil(length / step) }, (_, n) => n * step)
    const all = new Set([...stepped, ...exchange.boundaries[direction]])
    return [...all].sort((a, b) => a - b).map((after) => ({ direction, after }))
  })
}
