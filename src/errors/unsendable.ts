/** Why a value cannot be sent, in words that hold nothing of it. What a value's own code throws is none of these. */
export class Unsendable extends TypeError {
  /** What to do about it. */
  readonly hint: string | undefined

  constructor(reason: string, hint?: string) {
    super(reason)
    this.hint = hint
  }
}
