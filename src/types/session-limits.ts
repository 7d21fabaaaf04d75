/** The limit of a call as its caller gave it, where some of that has passed already. */
export interface WholeLimit {
  /** Milliseconds. */
  readonly timeout: number
  /** Milliseconds of it that passed before the call had a connection of a pool. */
  readonly waited: number
}

/** The limits of what is asked of a session. */
export interface SessionLimits {
  /** Milliseconds from now on, `undefined` for none. */
  readonly timeout: number | undefined
  /** What errors name instead of `timeout`. */
  readonly whole?: WholeLimit | undefined
  readonly signal: AbortSignal | undefined
}

export const UNLIMITED: SessionLimits = { timeout: undefined, signal: undefined }

/** What the error of a call says that has run out of time. */
export function lateWords({ timeout, whole }: SessionLimits): string {
  if (whole === undefined && (timeout ?? 1) <= 0) return `query timed out: its limit was ${timeout} ms`
  const waited = Math.round(whole?.waited ?? 0)
  const wait = waited > 0 ? `, of which ${waited} ms waiting for a connection` : ''
  return `query timed out after ${whole?.timeout ?? timeout} ms${wait}`
}
