import { withLines } from './fields.ts'
import { named } from './names.ts'

/** What an error of this library's own is made of besides its message. */
export interface InterfaceErrorOptions {
  /** More about what happened. */
  detail?: string
  /** What to do about it. */
  hint?: string
  /** The error that this one comes from. */
  cause?: unknown
}

/**
 * The library was used in a way that cannot work: a closed connection, a wrong option, the wrong number
 * of arguments. Nothing was sent.
 */
export class InterfaceError extends Error {
  static {
    named(InterfaceError, 'InterfaceError')
  }

  /** More about what happened. */
  declare readonly detail?: string
  /** What to do about it. */
  declare readonly hint?: string
  /** The text of the call that failed. Not enumerable, so that no logger prints what stands in it. */
  declare readonly query?: string

  constructor(message?: string, options?: InterfaceErrorOptions) {
    super(message, options)
    if (options?.detail !== undefined) this.detail = options.detail
    if (options?.hint !== undefined) this.hint = options.hint
  }

  /** Name and message, then `DETAIL:` and `HINT:` on lines of their own; `message` has the message alone. */
  override toString(): string {
    return withLines(`${this.name}: ${this.message}`, this.detail, this.hint)
  }

  /** Name, message and the fields that are there, as a logger wants them. */
  toJSON(): { [field: string]: unknown } {
    return Object.assign<{ [field: string]: unknown }, this>({ name: this.name, message: this.message }, this)
  }
}

/** An option, a DSN, a variable or a file that says how to connect is wrong; no socket was opened. */
export class ClientConfigurationError extends InterfaceError {
  static {
    named(ClientConfigurationError, 'ClientConfigurationError')
  }
}

/** What was asked for is something that this library does not do. */
export class UnsupportedClientFeatureError extends InterfaceError {
  static {
    named(UnsupportedClientFeatureError, 'UnsupportedClientFeatureError')
  }
}

/** What was asked for is something that the server at the other end does not do. */
export class UnsupportedServerFeatureError extends InterfaceError {
  static {
    named(UnsupportedServerFeatureError, 'UnsupportedServerFeatureError')
  }
}

/** Every host was reached and none had the attributes that `targetSessionAttrs` asks for. */
export class TargetServerAttributeNotMatched extends InterfaceError {
  static {
    named(TargetServerAttributeNotMatched, 'TargetServerAttributeNotMatched')
  }
}

/** A state that should not exist: a defect of this library, or of what it talks to. Please report it. */
export class InternalClientError extends Error {
  static {
    named(InternalClientError, 'InternalClientError')
  }

  /** What to do about it, where something can be done. */
  declare readonly hint?: string
  /** The text of the call that failed. Not enumerable, so that no logger prints what stands in it. */
  declare readonly query?: string

  constructor(message?: string, options?: { hint?: string; cause?: unknown }) {
    super(message, options)
    if (options?.hint !== undefined) this.hint = options.hint
  }

  /** Name and message, then `HINT:` on a line of its own; `message` has the message alone. */
  override toString(): string {
    return withLines(`${this.name}: ${this.message}`, undefined, this.hint)
  }
}

/** The server sent what the protocol does not allow, or a value whose bytes do not fit its type. */
export class ProtocolError extends InternalClientError {
  static {
    named(ProtocolError, 'ProtocolError')
  }
}

/** A composite type changed on the server after its description was fetched; the next call knows it anew. */
export class OutdatedSchemaCacheError extends InternalClientError {
  static {
    named(OutdatedSchemaCacheError, 'OutdatedSchemaCacheError')
  }

  /** The schema of the type. */
  declare readonly schemaName?: string
  /** The name of the type. */
  declare readonly dataTypeName?: string
  /** Which attribute did not fit, counted from 0. */
  declare readonly position?: number

  constructor(
    message?: string,
    options?: { schemaName?: string; dataTypeName?: string; position?: number; cause?: unknown },
  ) {
    super(message, options)
    if (options?.schemaName !== undefined) this.schemaName = options.schemaName
    if (options?.dataTypeName !== undefined) this.dataTypeName = options.dataTypeName
    if (options?.position !== undefined) this.position = options.position
  }
}

/** A time limit of the call, of the connection or of the pool ran out. */
export class TimeoutError extends Error {
  static {
    named(TimeoutError, 'TimeoutError')
  }

  /** The name of the class, as other libraries look for it. */
  declare readonly name: 'TimeoutError'
  /** The code that Node.js gives to its own time-outs. */
  readonly code: 'ETIMEDOUT' = 'ETIMEDOUT'
  /** What was being waited for: `connect`, `tls`, `authentication`, `acquire`, `setup`, `release`, `query` … */
  readonly phase: string
  /** Whether the server may have executed the call whose time was up, or parts of it. */
  declare readonly maybeExecuted?: boolean
  /** The text of the call that failed. Not enumerable, so that no logger prints what stands in it. */
  declare readonly query?: string
  /** What helps. */
  declare readonly hint?: string

  constructor(
    message?: string,
    options?: { phase?: string; maybeExecuted?: boolean; cause?: unknown; hint?: string },
  ) {
    super(message, options)
    this.phase = options?.phase ?? 'query'
    if (options?.hint !== undefined) this.hint = options.hint
    if (options?.maybeExecuted !== undefined) this.maybeExecuted = options.maybeExecuted
  }
}
