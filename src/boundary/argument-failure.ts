/** An argument could not be written: it has no form, code of its own threw, or there is no memory. */
export class ArgumentFailure {
  /** The argument's place, from 0. */
  readonly index: number
  /** The argument, as far as it could be read. */
  readonly value: unknown
  readonly error: unknown

  constructor(index: number, value: unknown, error: unknown) {
    this.index = index
    this.value = value
    this.error = error
  }
}

/** The arguments of a call as they were read. */
export interface Written {
  readonly values: readonly unknown[]
  /** The types of its parameters were known. */
  readonly isTyped: boolean
  /** The arguments that could not be written without knowing the types. */
  readonly failures: readonly ArgumentFailure[] | undefined
}
