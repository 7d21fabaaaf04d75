/** Tells a step of connecting that nobody waits for it any more. An AbortController would cost more than most steps. */
export interface Stop {
  /** Set by the step; called once, with the reason, when that is so. */
  onStop: ((reason: unknown) => void) | undefined
}
