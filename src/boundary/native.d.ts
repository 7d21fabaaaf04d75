import type { NativeAttempt } from '../config/attempt.ts'

/** The binding, as crates/node exports it. Only the modules of this folder use it. */
export declare class Core {
  /** `wake` is called without arguments whenever records are waiting. */
  constructor(wake: () => void)
  /** Takes the requests of one tick: the first `length` bytes of `buffer`. */
  submit(buffer: Uint8Array, length: number): void
  /** Copies waiting records into `buffer` and gives their bytes, or -1 when the next block is larger than it. */
  drain(buffer: Uint8Array): number
  /** The next block of records, handed over whole. */
  take(): Uint8Array | null
  /** Holds the event loop until {@link idle}; `submit` and `connect` do so too. */
  hold(): void
  /** Nothing is pending: the event loop is not held any more. */
  idle(): void
  /** Starts one attempt to connect; a record answers `request`. `session` is the number it will have. */
  connect(request: number, session: number, attempt: NativeAttempt): void
  /** Gives an attempt up; its record still comes. */
  abandonConnect(session: number): void
  /** The session has ended, or was never made: its number is forgotten. */
  release(session: number): void
  /** Gives everything up: no further record comes, what is connected is dropped, the event loop is not held. */
  close(): void
}
