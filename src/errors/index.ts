import type { PostgresLogMessage } from './base.ts'
import { classes } from './names.ts'

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
  readonly [className: string]: abstract new (...args: never[]) => Error | PostgresLogMessage
} = Object.freeze(Object.assign(Object.create(null), Object.fromEntries(classes)))
