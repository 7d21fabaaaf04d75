// The code's own tables of types, read from the Rust sources: which types there are, how they come, what becomes of them.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run/steps.mjs'

const read = (/** @type {string} */ path) => readFileSync(join(root, path), 'utf8')

/**
 * @typedef {object} Type
 * @property {number} oid
 * @property {string} name
 * @property {string} kind a letter, as typtype
 * @property {number} element of an array
 * @property {number} array
 * @property {number} subtype of a range, the range of a multirange
 * @property {string} send
 */

/** @returns {Type[]} */
export function types() {
  const row = /^ {4}t\((\d+), "([^"]+)", b'(.)', b'.', b'.', (\d+), (\d+), (\d+), "([^"]*)"\),$/gm
  const found = [...read('crates/wire/src/types/table.rs').matchAll(row)].map(
    ([, oid, name = '', kind = '', element, array, subtype, send = '']) => ({
      oid: Number(oid),
      name,
      kind,
      element: Number(element),
      array: Number(array),
      subtype: Number(subtype),
      send,
    }),
  )
  if (found.length < 150)
    throw new Error('the rows of crates/wire/src/types/table.rs are written in another way')
  return found
}

/** How each option is asked in Rust, its name and the choices as they are called there. */
const OPTIONS = {
  int8: { Auto: 'auto', BigInt: 'bigint', Number: 'number', Text: 'string' },
  date: { Date: 'date', Text: 'string', Temporal: 'temporal' },
  time: { _: 'string', Temporal: 'temporal' },
  timestamp: { Date: 'date', Text: 'string', Temporal: 'temporal' },
  timestamptz: { Date: 'date', Text: 'string', Temporal: 'temporal' },
  interval: { Date: 'interval', Text: 'string', Temporal: 'temporal' },
}
const SWITCHES = {
  bytea_as_uint8array: ['bytea', 'uint8array'],
  numeric_as_number: ['numeric', 'number'],
  json_as_text: ['json', 'text'],
}

/** What is chosen when an option is not given. */
const DEFAULTS = {
  int8: 'auto',
  date: 'string',
  time: 'string',
  timestamp: 'date',
  timestamptz: 'date',
  interval: 'interval',
}

/**
 * @typedef {object} Coming how the values of a type come and what its cells hold
 * @property {string} codec
 * @property {string} wire
 * @property {string} [figure] of a geometric type
 * @property {string} [option] the option and its choice, where it is not the default: `int8: 'bigint'`
 */

/** By the name of the send function: the default first. @returns {Map<string, Coming[]>} */
export function comings() {
  const source = read('crates/wire/src/form/scalars.rs')
  const start = source.indexOf('fn scalar(send: &str, options: TypeOptions)')
  const body = source.slice(start, source.indexOf('\n}', start)).replaceAll(/^\s*\/\/.*$/gm, '')
  const arm =
    /((?:"[\w.]+"\s*\|?\s*)+)(?:if options\.(\w+)\(\) )?=> (?:match options\.(\w+)\(\) \{([^}]*)\}|(\([^\n]*\))),/g
  /** @type {Map<string, Coming[]>} */
  const found = new Map()
  let count = 0
  for (const [, names = '', condition, option, choices = '', plain] of body.matchAll(arm)) {
    const all = option === undefined ? [coming(plain ?? '', condition)] : chosen(option, choices)
    for (const [, name = ''] of names.matchAll(/"([\w.]+)"/g)) {
      // What is conditional stands in front of what is not.
      found.set(name, option === undefined ? [...all, ...(found.get(name) ?? [])] : all)
      count++
    }
  }
  const written = body.match(/^\s+(?:"|\| ")[^=]*=>/gm)?.length ?? 0
  if (count < 50 || written > count)
    throw new Error('`fn scalar` of crates/wire/src/form/scalars.rs is written in another way')
  return found
}

/** @returns {Coming} */
function coming(pair, condition) {
  const [, codec = '', wire = '', figure] =
    /\(Codec::(\w+), Wire::(\w+)(?:\(Figure::(\w+)\))?\)/.exec(pair) ?? []
  if (codec === '') throw new Error(`crates/wire/src/form/scalars.rs has ${pair}, which is no codec and wire`)
  const [name, choice] = SWITCHES[condition] ?? []
  return {
    codec,
    wire,
    ...(figure === undefined ? {} : { figure }),
    ...(name === undefined ? {} : { option: `${name}: '${choice}'` }),
  }
}

/** @returns {Coming[]} */
function chosen(option, choices) {
  const all = [...choices.matchAll(/(?:\w+::)?(\w+) => (\([^\n]*\)),/g)].map(([, name, pair]) => {
    const choice = OPTIONS[option]?.[name]
    if (choice === undefined)
      throw new Error(`the option ${option} has a choice ${name} in Rust that has no name here`)
    const one = coming(pair, undefined)
    return choice === DEFAULTS[option] ? one : { ...one, option: `${option}: '${choice}'` }
  })
  return all.sort((a, b) => Number('option' in a) - Number('option' in b))
}
