/** Stands for no reservation. */
export const NO_PLACE = 0xffffffff

/** The session of a call, and the call's place among those of the session. */
export interface CallPlace {
  readonly number: number
  /** The number of what opens the transaction that calls are part of, until that is answered; else 0. */
  readonly within: number
  /** The request of the reservation whose place calls take, or {@link NO_PLACE}. */
  readonly at: number
}

/** What a call is, besides its text and its arguments. */
export interface Terms {
  readonly ask: number
  /** The sum of its CallFlags. */
  readonly flags: number
  /** How many rows are wanted, 0 for all. For a portal, how many are read now, 0 for none yet. */
  readonly rows: number
  /** The number of a portal, or of what opens a transaction; 0 for none. */
  readonly portal: number
  /** What goes out behind its text, and is no part of it. */
  readonly comment?: string | undefined
}
