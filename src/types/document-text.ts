import { types } from 'node:util'
import { crypto } from '../builtins.ts'
import { Unsendable } from '../errors/unsendable.ts'

/** The texts of the Json values within the document that is being written. */
let texts: string[] | undefined

/** Stands in a document for the text of a Json value until the document is written. Nobody can guess it. */
interface Mark {
  readonly text: string
  /** Finds each that is a value of its own. */
  readonly pattern: RegExp
}

let made: Mark | undefined

function mark(): Mark {
  if (made === undefined) {
    const text = `cornac:${crypto().randomUUID()}:`
    made = { text, pattern: new RegExp(`"${text}(\\d+)"`, 'g') }
  }
  return made
}

/**
 * A value as JSON text, as `JSON.stringify` writes it; `undefined` where that leaves it out. What `JSON.stringify`
 * would drop silently is refused, and a Json within is the document that it holds.
 *
 * @throws Unsendable, and whatever the value's own code throws.
 */
export function documentText(value: unknown): string | undefined {
  const mine: string[] = []
  let text = stringify(value, mine)
  if (text === undefined) return undefined
  if (mine.length > 0) {
    text = withDocuments(text, mine) ?? (stringify(value, undefined) as string)
  }
  // Such a value is written as an object without properties.
  if (text.includes('{}')) checkKinds(value)
  return text
}

/** What stands for a document with this text in `JSON.stringify`. */
export function held(text: string): unknown {
  if (texts === undefined) return parsed(text)
  return `${mark().text}${texts.push(text) - 1}`
}

/** The value's own code may write documents meanwhile: each has texts of its own. */
function stringify(value: unknown, mine: string[] | undefined): string | undefined {
  const outer = texts
  texts = mine
  try {
    return JSON.stringify(value) as string | undefined
  } catch (error) {
    throw explained(error)
  } finally {
    texts = outer
  }
}

/**
 * Puts the texts in. `undefined` when a mark stands elsewhere than it should: code of the value's own has called
 * `JSON.stringify` for a part of it.
 */
function withDocuments(text: string, mine: readonly string[]): string | undefined {
  let isWhole = true
  const whole = text.replace(mark().pattern, (_, index: string) => {
    const document = mine[Number(index)]
    if (document === undefined) isWhole = false
    else checkDocument(document)
    return document ?? ''
  })
  return isWhole && !whole.includes(mark().text) ? whole : undefined
}

/** A text that is more or less than a document would change the one around it. */
function checkDocument(text: string): void {
  if (typeof text !== 'string') throw new Unsendable('the text of a Json in it is no string')
  if (!text.isWellFormed()) throw new Unsendable('a Json in it has a lone surrogate')
  parsed(text)
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What it says has a part of the text.
    throw new Unsendable('a Json in it holds no JSON')
  }
}

/** What `JSON.stringify` throws by itself, in words without the names of properties. */
function explained(error: unknown): unknown {
  const message = messageOf(error)
  if (message === undefined) return error
  if (error instanceof TypeError) {
    if (message.startsWith('Converting circular structure')) {
      return new Unsendable('its structure is circular, which JSON has no form for')
    }
    if (message === 'Do not know how to serialize a BigInt') {
      return new Unsendable('JSON has no bigint', 'write a string or a number')
    }
  }
  if (error instanceof RangeError) {
    if (message === 'Invalid string length') return new Unsendable('its JSON is longer than a string can be')
    if (message === 'Maximum call stack size exceeded') return new Unsendable('it is nested too deeply')
  }
  return error
}

/** What was thrown may be anything, and hostile. */
function messageOf(error: unknown): string | undefined {
  try {
    return error instanceof Error ? String(error.message) : undefined
  } catch {
    return undefined
  }
}

/** What to pass in place of kinds of objects that JSON has no form for, nor any type of PostgreSQL. */
const LOST: readonly (readonly [name: string, is: (value: object) => boolean, remedy: string])[] = [
  ['Map', types.isMap, 'pass Object.fromEntries(map), or an array of its entries'],
  ['Set', types.isSet, 'pass an array: [...set]'],
  ['Promise', types.isPromise, 'await it first'],
]

/** The name of a kind of objects whose contents would be lost. */
export function lostKind(value: object): string | undefined {
  return LOST.find(([, is]) => is(value))?.[0]
}

/** Looks for such objects. Runs no code of the value's, which has run already: what only that gives is not looked at. */
function checkKinds(value: unknown): void {
  const seen = new Set<object>()
  const unchecked = [value]
  while (unchecked.length > 0) {
    const next = unchecked.pop()
    if (typeof next !== 'object' || next === null || seen.has(next)) continue
    seen.add(next)
    if (types.isProxy(next) || ArrayBuffer.isView(next) || 'toJSON' in next) continue
    const lost = LOST.find(([, is]) => is(next))
    if (lost !== undefined) throw new Unsendable(`JSON has no form for a ${lost[0]} in it`, lost[2])
    for (const key of Object.keys(next)) unchecked.push(Object.getOwnPropertyDescriptor(next, key)?.value)
  }
}
