import { readTag } from '../query-result.ts'
import { now } from '../timers.ts'

/** How far a COPY is. */
export interface CopyProgress {
  /** Bytes of data that were handed on: to the output, or towards the server. */
  readonly bytes: number
  /**
   * Rows: of a COPY out those that have come, of records those that were handed on. `undefined` while bytes are copied
   * into a table: only the server knows then. At the end it is always what the server has counted.
   */
  readonly rows: number | undefined
}

/** Milliseconds between two reports. */
const PAUSE = 100

/** Tells whoever wants to know how far a COPY is. */
export class Progress {
  readonly #tell: ((progress: CopyProgress) => void) | undefined
  #next: number

  constructor(tell: ((progress: CopyProgress) => void) | undefined) {
    this.#tell = tell
    this.#next = tell === undefined ? Number.POSITIVE_INFINITY : now() + PAUSE
  }

  /** It is so far; told unless that was done just now. */
  report(bytes: number, rows: number | undefined): void {
    if (this.#tell === undefined || now() < this.#next) return
    this.#next = now() + PAUSE
    this.#tell({ bytes, rows })
  }

  /** It is complete, with this command tag. */
  end(bytes: number, tag: string): void {
    this.#tell?.({ bytes, rows: readTag(tag).rowCount ?? 0 })
  }
}
