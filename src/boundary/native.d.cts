import type { NativeAttempt } from '../config/attempt.ts'
import type { TypeStructure } from './argument-types.ts' with { 'resolution-mode': 'import' }

export interface BuiltinType {
  name: string
  kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange'
}

export interface DatabaseType {
  name: string
  schema: string
  kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum'
}

/** The binding, as crates/node exports it. Only the modules of this folder use it. */
export declare class Core {
  /** `wake` is called whenever records are waiting; what it gives says whether the event loop is held from then on. */
  constructor(wake: () => boolean)
  /**
   * Takes the requests of one tick, the first `length` bytes of `buffer`; `hold` says whether the event loop is held
   * from then on.
   */
  submit(buffer: Uint8Array, length: number, hold: boolean, alone: boolean): void
  /** Copies waiting records into `buffer` and gives their bytes, or -1 when the next block is larger than it. */
  drain(buffer: Uint8Array): number
  /** The next block of records, handed over whole. */
  take(): Uint8Array | null
  /** Whether the event loop is held from now on. */
  hold(hold: boolean): void
  /** Starts one attempt to connect, for which the event loop is held; a record answers `request`. */
  connect(request: number, session: number, attempt: NativeAttempt): void
  /** Gives an attempt up; its record still comes. */
  abandonConnect(session: number): void
  /** The session has ended, or was never made: its number is forgotten. */
  release(session: number): void
  /** A type that is the same on every server. */
  builtinType(oid: number): BuiltinType | null
  /** A type of the database that a session is connected to, once it was looked up. */
  databaseType(session: number, oid: number): DatabaseType | null
  /** What the values of a type are made of, of one of the database once it was looked up. */
  typeStructure(session: number, oid: number): TypeStructure | null
  /** The OID of a type that is the same on every server, by its name in the catalog. */
  builtinOid(name: string): number | null
  /** Gives everything up: no further record comes, what is connected is dropped, the event loop is not held. */
  close(): void
}

/**
 * Loads the binary of this platform, the first time.
 *
 * @throws Error when there is none or it does not load: which, where it was looked for, and what to do.
 */
export declare function loadBinding(): { Core: typeof Core }
