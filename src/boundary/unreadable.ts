/** A cell that cannot be made a value. Whoever catches it knows the column. */
export class Unreadable extends Error {
  /** Set where the value is one of its type, but cannot be what the connection's options want. */
  readonly sqlstate: string | undefined

  /** `reason` says what is wrong with "it"; with an SQLSTATE it continues "a value of …". */
  constructor(reason: string, sqlstate?: string) {
    super(reason)
    this.sqlstate = sqlstate
  }
}

/** A value that a codec of the program's could not make anything of. */
export class Undecoded extends Unreadable {
  readonly type: string

  constructor(type: string, cause: unknown) {
    super('its codec could not decode')
    this.type = type
    this.cause = cause
  }
}

/** A value that came as text, for a codec of the program's that reads binary forms. */
export class InText extends Unreadable {
  readonly type: string

  constructor(type: string) {
    super('its codec reads binary forms, and it came as text')
    this.type = type
  }
}
