import type { AuthMethod } from './connect-options.ts'
import { invalid, quote, type Setting } from './origin.ts'
import { parameter } from './parameters.ts'

/** Which methods of authentication are accepted. */
export interface AuthRequirement {
  /** Undefined = any. */
  readonly methods: readonly AuthMethod[] | undefined
  /** Whether a method that shows the password to the network was named. */
  readonly namesPlaintext: boolean
  /** Whether the method that shows a token to the server was named. */
  readonly namesOauth: boolean
}

const NOTHING_NAMED = { namesPlaintext: false, namesOauth: false }

export const ANY_METHOD: AuthRequirement = { methods: undefined, ...NOTHING_NAMED }

/**
 * Reads libpq's `require_auth`: methods separated by commas, either all of them allowed ones or all of
 * them, each with `!`, forbidden ones (PostgreSQL manual, "Parameter Key Words"). An array is the same list.
 */
export function readRequireAuth(setting: Setting): AuthRequirement {
  const known = parameter('require_auth').choices as readonly AuthMethod[]
  const named = new Set<AuthMethod>()
  let negative: boolean | undefined
  for (const entry of entries(setting)) {
    const negated = entry.startsWith('!')
    const method = (negated ? entry.slice(1) : entry) as AuthMethod
    if (!known.includes(method)) throw invalid(setting, `${quote(method)} is none of ${known.join(', ')}`)
    if (negative !== undefined && negated !== negative) {
      throw invalid(setting, 'it mixes methods with and without "!"', {
        hint: 'list either the methods that are accepted, or with "!" those that are not',
      })
    }
    if (named.has(method)) throw invalid(setting, `it names ${method} twice`)
    negative = negated
    named.add(method)
  }
  if (negative) return { methods: known.filter((method) => !named.has(method)), ...NOTHING_NAMED }
  return {
    methods: known.filter((method) => named.has(method)),
    namesPlaintext: named.has('password') || named.has('md5'),
    namesOauth: named.has('oauth'),
  }
}

function entries(setting: Setting): string[] {
  const { value } = setting
  if (typeof value === 'string') return value.split(',').map((entry) => entry.trim())
  if (!Array.isArray(value)) throw invalid(setting, `it must be a string or an array, not ${quote(value)}`)
  if (value.length === 0) {
    throw invalid(setting, 'the list is empty', { hint: 'leave it out to accept any method' })
  }
  for (const entry of value) {
    if (typeof entry !== 'string')
      throw invalid(setting, `every method must be a string, not ${quote(entry)}`)
  }
  return value
}
