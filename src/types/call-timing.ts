/** Is told the times of a call. */
export type Timed = (timing: CallTiming) => void

/**
 * How a call went, in milliseconds from the moment when it was made. What lies between `sent` and `complete` is the
 * server's and the network's; what lies before `queued` and behind `complete`, the event loop's.
 */
export interface CallTiming {
  /** It was handed to the thread that does I/O: the tick in which it was made had ended. */
  readonly queued: number
  /**
   * The socket had taken it; of a call in two rounds its first one, of a batch its first sets, of a COPY its statement. It
   * waited for calls before it until then.
   */
  readonly sent: number
  /** The first byte of the server's answer had come. */
  readonly firstByte: number
  /** The last byte of it had come. */
  readonly complete: number
  /** Its values were made; of a COPY, its end was read. */
  readonly decoded: number
}
