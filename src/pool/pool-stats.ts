/** How a pool stands, and what it has done. */
export interface PoolStats {
  /** Connections that are open. */
  readonly size: number
  /** Open connections that nobody uses. */
  readonly idle: number
  /** Open connections that a caller has alone, or that calls on the pool share. */
  readonly inUse: number
  /** Callers that wait for a connection. */
  readonly waiting: number
  /** How often a connection was given to a caller; calls that share one count each. */
  readonly acquired: number
  /** Connections opened. */
  readonly created: number
  /** Connections that have ended. */
  readonly closed: number
  /** Milliseconds that callers have waited for a connection, all together. */
  readonly waitedMs: number
  /** Callers whose time was up before they got one, be it in the `setup` hook. */
  readonly timedOut: number
}
