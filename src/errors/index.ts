import * as base from './base.ts'
import * as client from './client.ts'
import * as generated from './generated.ts'

export {
  FatalPostgresError,
  PostgresError,
  type PostgresErrorOptions,
  PostgresLogMessage,
  UnknownPostgresError,
} from './base.ts'
export * from './client.ts'
export type { ReportFields } from './fields.ts'
export * from './generated.ts'

/**
 * Every class of this module by its name.
 *
 * ```ts
 * errors.UniqueViolationError === UniqueViolationError
 * ```
 */
export const errors: {
  readonly [className: string]: abstract new (...args: never[]) => Error | base.PostgresLogMessage
} = Object.freeze(
  Object.assign(Object.create(null), generated, client, {
    FatalPostgresError: base.FatalPostgresError,
    PostgresError: base.PostgresError,
    PostgresLogMessage: base.PostgresLogMessage,
    UnknownPostgresError: base.UnknownPostgresError,
  }),
)
