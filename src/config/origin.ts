import { ClientConfigurationError } from '../errors/index.ts'

/** How strong a source is: a higher one wins. */
export type Level = 0 | 1 | 2 | 3 | 4
export const DEFAULT: Level = 0
export const ENVIRONMENT: Level = 1
export const SERVICE: Level = 2
export const DSN: Level = 3
export const OPTION: Level = 4

/** Where a value came from, in words that fit behind "from". */
export interface Origin {
  readonly level: Level
  readonly text: string
}

/** A value as its source gave it, not yet checked. */
export interface Setting {
  /** The name by which its source knows it: `ssl` as an option, `sslmode` in a DSN. */
  readonly name: string
  readonly value: unknown
  readonly origin: Origin
}

export const optionOrigin = (name: string): Origin => ({ level: OPTION, text: `the option "${name}"` })
export const DSN_ORIGIN: Origin = { level: DSN, text: 'the DSN' }
export const DEFAULT_ORIGIN: Origin = { level: DEFAULT, text: 'the default' }
export const environmentOrigin = (name: string): Origin => ({
  level: ENVIRONMENT,
  text: `the environment variable ${name}`,
})
export const serviceOrigin = (path: string, line: number): Origin => ({
  level: SERVICE,
  text: `line ${line} of the service file ${quote(path)}`,
})

/** What an error says beside its message. */
export interface Remedy {
  detail?: string
  hint?: string
  cause?: unknown
}

/** The error that names the parameter, its source and what is wrong with it. */
export function invalid(setting: Setting, problem: string, remedy?: Remedy): ClientConfigurationError {
  return new ClientConfigurationError(
    `invalid ${setting.name} from ${setting.origin.text}: ${problem}`,
    remedy,
  )
}

const LONGEST_QUOTE = 80

/** A value as messages show it: quoted, on one line, never long. Not for secrets. */
export function quote(value: unknown): string {
  if (typeof value === 'string') {
    const text = value.length > LONGEST_QUOTE ? `${value.slice(0, LONGEST_QUOTE)}…` : value
    return JSON.stringify(text)
  }
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return kindOf(value)
}

/** What came, where the value itself is no text: "an array", "a function". */
export function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  switch (typeof value) {
    case 'undefined':
      return 'undefined'
    case 'object':
      return 'an object'
    case 'bigint':
      return 'a bigint'
    case 'number':
      return 'a number'
    case 'string':
      return 'a string'
    default:
      return `a ${typeof value}`
  }
}
