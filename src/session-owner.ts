/** What a session tells its owner outside of any call. */
export interface SessionOwner {
  /** `running` is the text of the call that ran, where one did. */
  notice(fields: { [letter: string]: string }, running: string | undefined): void
  notification(pid: number, channel: string, payload: string): void
  parameter(name: string, value: string): void
  /** The server was in a transaction at its answer before, and is in none any more. */
  transactionEnded(): void
  /** Once, however the session ended. */
  ended(): void
}

/** Calls `onStop` when the attempt is to end early. */
export interface Stoppable {
  onStop: ((reason: unknown) => void) | undefined
}
