import type { Connection } from '../connection.ts'
import type { LoopReference } from '../loop-reference.ts'

/** What the members of a pool need from outside. */
export interface MembersIo {
  /** Opens a connection, of which `ended` is called when it is gone; `reference` says whether that keeps the process. */
  open(signal: AbortSignal, reference: LoopReference, ended: () => void): Promise<Connection>
  /** Whether a connection's server may still be of the kind that is wanted. */
  fits(connection: Connection): boolean
  /** Whether a connection is closed already, by whoever had it. */
  isEnding(connection: Connection): boolean
  /** Whether only a refused write can tell that a connection's server is of the wrong kind. */
  isBlind(connection: Connection): boolean
  /** Whether the server still answers on a connection. It is dropped otherwise. */
  check(connection: Connection): Promise<boolean>
  /** Whether a connection could not be opened for a reason that others would meet as well; else it is one caller's. */
  isOutage(error: unknown): boolean
  /** Whether that reason may pass by itself, as that of a server that restarts does. */
  mayPass(error: unknown): boolean
  /** What {@link open} has thrown, as a caller is to see it. */
  reason(error: unknown): unknown
  /** When the connection is closed that it was thrown for, where there was one. */
  dropped(error: unknown): Promise<void> | undefined
  /** Milliseconds of a clock that never jumps. */
  now(): number
  /** Milliseconds of the clock on the wall. */
  date(): number
  /** A random number from 0 to below 1. */
  random(): number
}
