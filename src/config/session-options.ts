import { codecProblem } from './codec-problem.ts'
import type { ConnectOptions, TypeOptions } from './connect-options.ts'
import { invalid, optionOrigin, quote, type Setting } from './origin.ts'
import type { Sources } from './sources.ts'

/** What the session needs to know once it is there. Durations are milliseconds. */
export interface SessionOptions {
  readonly statementCacheSize: number
  /** The size was not asked for, so that none is kept behind a pooler. */
  readonly learnsPoolers: boolean
  readonly maxCachedStatementLifetime: number
  readonly maxCacheableStatementSize: number
  /** Null = no limit. */
  readonly commandTimeout: number | null
  readonly maxMessageSize: number
  readonly types: TypeOptions
}

const LARGEST_INT32 = 2147483647
const LEAST_MESSAGE = 8192
const GIBIBYTE = 1 << 30

const TYPE_CHOICES: { readonly [name: string]: readonly string[] } = {
  int8: ['auto', 'bigint', 'number', 'string'],
  numeric: ['string', 'number'],
  timestamptz: ['date', 'string', 'temporal'],
  timestamp: ['date', 'string', 'temporal'],
  date: ['string', 'date', 'temporal'],
  time: ['string', 'temporal'],
  interval: ['interval', 'string', 'temporal'],
  json: ['parse', 'text'],
  bytea: ['buffer', 'uint8array'],
}

export function planSession(options: ConnectOptions, sources: Sources): SessionOptions {
  return {
    statementCacheSize: count(options, 'statementCacheSize', 100),
    learnsPoolers: options.statementCacheSize === undefined,
    maxCachedStatementLifetime: duration(options, 'maxCachedStatementLifetime', 300_000),
    maxCacheableStatementSize: count(options, 'maxCacheableStatementSize', 15_360),
    commandTimeout: commandTimeout(options),
    maxMessageSize: count(options, 'maxMessageSize', GIBIBYTE, LEAST_MESSAGE),
    types: typeOptions(options.types, sources),
  }
}

/** Milliseconds for the whole connect; null = no limit. */
export function connectBudget(options: ConnectOptions): number | null {
  const setting = option(options, 'timeout')
  const { value } = setting
  if (value === undefined) return 60_000
  if (value === null || value === Number.POSITIVE_INFINITY) return null
  if (typeof value === 'number' && value > 0) return value
  throw invalid(setting, `it must be a number greater than 0, not ${quote(value)}`, {
    hint: 'it is in milliseconds; null means no limit',
  })
}

function option(options: ConnectOptions, name: keyof ConnectOptions): Setting {
  return { name, value: options[name], origin: optionOrigin(name) }
}

function count(options: ConnectOptions, name: keyof ConnectOptions, initial: number, least = 0): number {
  const setting = option(options, name)
  const { value } = setting
  if (value === undefined) return initial
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= LARGEST_INT32) {
    return value
  }
  throw invalid(
    setting,
    `it must be an integer greater than or equal to ${least} and at most ${LARGEST_INT32}, not ${quote(value)}`,
  )
}

function duration(options: ConnectOptions, name: keyof ConnectOptions, initial: number): number {
  const setting = option(options, name)
  const { value } = setting
  if (value === undefined) return initial
  // 0 means for ever. Infinity is taken to mean the same.
  if (value === Number.POSITIVE_INFINITY) return 0
  if (typeof value === 'number' && value >= 0) return Math.ceil(value)
  throw invalid(setting, `it must be a number greater than or equal to 0, not ${quote(value)}`, {
    hint: 'it is in milliseconds; 0 means for ever',
  })
}

function commandTimeout(options: ConnectOptions): number | null {
  const setting = option(options, 'commandTimeout')
  const { value } = setting
  if (value === undefined || value === null) return null
  if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value
  throw invalid(setting, `it must be a finite number greater than 0, not ${quote(value)}`, {
    hint: 'it is in milliseconds; leave it out, or give null, for no limit',
  })
}

function typeOptions(value: unknown, sources: Sources): TypeOptions {
  const whole: Setting = { name: 'types', value, origin: optionOrigin('types') }
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw invalid(whole, `it must be an object, not ${quote(value)}`)
  }
  for (const [name, choice] of Object.entries(value)) {
    if (choice === undefined) continue
    if (name === 'codecs') {
      checkCodecs(whole, choice)
      continue
    }
    const choices = Object.hasOwn(TYPE_CHOICES, name) ? TYPE_CHOICES[name] : undefined
    if (choices === undefined) {
      throw invalid(whole, `there is no type option ${quote(name)}`, {
        hint: `there are ${Object.keys(TYPE_CHOICES).join(', ')} and codecs`,
      })
    }
    if (!choices.includes(choice as string)) {
      throw invalid(whole, `${name}: ${quote(choice)} is none of ${choices.join(', ')}`)
    }
    if (choice === 'temporal' && !sources.hasTemporal) {
      throw invalid(whole, `${name}: this runtime has no Temporal`, {
        hint: 'use a runtime that has it, or another value',
      })
    }
  }
  return value
}

function checkCodecs(whole: Setting, codecs: unknown): void {
  if (!Array.isArray(codecs)) throw invalid(whole, `codecs must be an array, not ${quote(codecs)}`)
  for (const [index, codec] of codecs.entries()) {
    const wrong = codecProblem(codec)
    if (wrong !== undefined) throw invalid(whole, `codec ${index + 1} ${wrong}`)
  }
}
