import { invalid, kindOf, quote, type Setting } from './origin.ts'
import { type ParameterName, parameter } from './parameters.ts'

export type TextSetting = Setting & { readonly value: string }

/** A text that can be sent: no other kind of value, no NUL, no half of a surrogate pair. */
export function checkText(setting: Setting, secret = false): TextSetting {
  const { value } = setting
  if (typeof value !== 'string') {
    throw invalid(setting, `it must be a string, not ${secret ? kindOf(value) : quote(value)}`)
  }
  const problem = unsendable(value)
  if (problem !== undefined) throw invalid(setting, `it contains ${problem}`)
  return setting as TextSetting
}

/** Refuses a whole DSN where a part of one belongs. It is not shown: there may be a password in it. */
export function refuseDsn(setting: Setting): void {
  if (typeof setting.value !== 'string' || !/^\s*["']?postgres(?:ql)?:\/\//i.test(setting.value)) return
  throw invalid(setting, 'it is a DSN', {
    hint: 'give it as the first argument of connect, or as the option dsn',
  })
}

/** Why a text cannot be sent, or undefined. */
export function unsendable(text: string): string | undefined {
  if (text.includes('\0')) return 'a NUL character'
  // Encoding it would send another text than was given.
  if (!text.isWellFormed()) return 'a lone surrogate, which has no UTF-8 form'
  return undefined
}

/** One of the few values that the parameter's own row lists. */
export function checkChoice<T extends string>(setting: Setting, name: ParameterName, hint?: string): T {
  const choices = parameter(name).choices as readonly T[]
  const { value } = setting
  if (typeof value === 'string' && (choices as readonly string[]).includes(value)) return value as T
  throw invalid(
    setting,
    `${quote(value)} is none of ${choices.join(', ')}`,
    hint === undefined ? {} : { hint },
  )
}

/** Decimal digits as libpq reads them: an optional sign, blanks around, within 32 bits. */
export function checkInteger(setting: TextSetting): number {
  const text = setting.value.trim()
  if (!/^[+-]?[0-9]+$/.test(text)) throw invalid(setting, `${quote(setting.value)} is not an integer`)
  const number = Number(text)
  if (number < -2147483648 || number > 2147483647) {
    throw invalid(setting, `${quote(setting.value)} is out of range`, {
      hint: 'it must fit into 32 bits',
    })
  }
  return number
}
