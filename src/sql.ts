import { InterfaceError } from './errors/index.ts'
import type { Row } from './types/row.ts'

/** A query with its arguments, made by the {@link sql} tag; `T` is the type of its rows. */
export interface SqlQuery<T = Row> {
  /** The text, its arguments as `$1`, `$2` … */
  readonly text: string
  /** The arguments, in the order of their numbers. */
  readonly args: readonly unknown[]
  /** Never there: it carries the type of the rows. */
  readonly __row?: T
}

/** A part of a query without arguments of its own: an identifier, or text that is taken as it is. */
export interface SqlPart {
  /** Tells it apart from an argument. */
  readonly __part: true
}

/**
 * The text of a query between its arguments: `literals[0]`, `$1`, `literals[1]`, `$2` … A template that splices
 * nothing has the same one for ever, so that its text is made once.
 */
class Shape {
  readonly literals: readonly string[]
  #text: string | undefined

  constructor(literals: readonly string[]) {
    this.literals = literals
  }

  get text(): string {
    this.#text ??= this.literals.reduce((text, literal, index) => `${text}$${index}${literal}`)
    return this.#text
  }
}

class Query implements SqlQuery {
  readonly args: readonly unknown[]
  readonly #shape: Shape

  constructor(shape: Shape, args: readonly unknown[]) {
    this.#shape = shape
    this.args = args
  }

  get text(): string {
    return this.#shape.text
  }

  /** The shape of a query that was made here, `undefined` for any other value. */
  static shapeOf(value: unknown): Shape | undefined {
    return typeof value === 'object' && value !== null && #shape in value ? value.#shape : undefined
  }
}

class Part implements SqlPart {
  declare readonly __part: true
  readonly #shape: Shape

  constructor(text: string) {
    this.#shape = new Shape([text])
  }

  static shapeOf(value: unknown): Shape | undefined {
    return typeof value === 'object' && value !== null && #shape in value ? value.#shape : undefined
  }
}

/** The shapes of templates that spliced nothing, whose values are their arguments. */
const plain = new WeakMap<TemplateStringsArray, Shape>()

/** What another template made last: what it spliced then, at which places, and the shape that came of it. */
interface Made {
  readonly spliced: readonly (Shape | undefined)[]
  readonly shape: Shape
}

const made = new WeakMap<TemplateStringsArray, Made>()

function query<T>(strings: TemplateStringsArray, ...values: unknown[]): SqlQuery<T> {
  if (!Array.isArray(strings) || !Array.isArray(strings.raw)) {
    throw new InterfaceError('sql is a template tag and cannot be called with a text', {
      hint: 'write sql`select …`, or sql.raw(text) for text that is no constant',
    })
  }
  // Most templates splice nothing, and cost this one look-up.
  const shape = plain.get(strings)
  return shape !== undefined && isPlain(values) ? new Query(shape, values) : splicing(strings, values)
}

function splicing(strings: TemplateStringsArray, values: readonly unknown[]): Query {
  const last = made.get(strings)
  if (last !== undefined && isSame(last.spliced, values)) return new Query(last.shape, argsOf(values))
  const spliced = values.map(splicedShape)
  const shape = shapeOf(strings, spliced)
  if (isPlain(values)) plain.set(strings, shape)
  else made.set(strings, { spliced, shape })
  return new Query(shape, argsOf(values))
}

/** Whether the values are arguments, all of them. */
function isPlain(values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value === 'object' && value !== null && splicedShape(value) !== undefined) return false
  }
  return true
}

function splicedShape(value: unknown): Shape | undefined {
  return Query.shapeOf(value) ?? Part.shapeOf(value)
}

/** Whether the values splice what was spliced before. */
function isSame(spliced: readonly (Shape | undefined)[], values: readonly unknown[]): boolean {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value === 'object' && value !== null) {
      if (splicedShape(value) !== spliced[i]) return false
    } else if (spliced[i] !== undefined) return false
  }
  return true
}

function shapeOf(strings: readonly (string | undefined)[], spliced: readonly (Shape | undefined)[]): Shape {
  const literals: string[] = []
  let open = cooked(strings[0])
  for (const [index, shape] of spliced.entries()) {
    const [first = '', ...rest] = shape?.literals ?? ['', '']
    open += first
    for (const literal of rest) {
      literals.push(open)
      open = literal
    }
    open += cooked(strings[index + 1])
  }
  literals.push(open)
  return new Shape(literals)
}

/** JavaScript leaves a part of a template out that has an escape it does not know. */
function cooked(literal: string | undefined): string {
  if (literal !== undefined) return literal
  throw new InterfaceError('the sql template has an escape sequence that JavaScript does not know', {
    hint: 'a backslash that is meant for PostgreSQL is written twice',
  })
}

function argsOf(values: readonly unknown[]): readonly unknown[] {
  const args: unknown[] = []
  for (const value of values) {
    if (Query.shapeOf(value) !== undefined) for (const arg of (value as Query).args) args.push(arg)
    else if (Part.shapeOf(value) === undefined) args.push(value)
  }
  return args
}

function identifier(...names: string[]): SqlPart {
  if (names.length === 0) throw new InterfaceError('sql.identifier() needs a name')
  return new Part(names.map(quoted).join('.'))
}

function quoted(name: unknown): string {
  if (typeof name !== 'string') {
    throw new InterfaceError(`sql.identifier() takes names as strings, got a value of type ${typeof name}`)
  }
  if (name === '')
    throw new InterfaceError('sql.identifier() got an empty name, which PostgreSQL cannot have')
  if (name.includes('\0')) {
    throw new InterfaceError('sql.identifier() got a name with a NUL character, which PostgreSQL cannot take')
  }
  return `"${name.replaceAll('"', '""')}"`
}

const COMMA: SqlPart = new Part(', ')

function join(parts: readonly (SqlQuery<any> | SqlPart)[], separator: SqlPart = COMMA): SqlQuery {
  if (!Array.isArray(parts)) throw new InterfaceError('sql.join() takes a list of queries or parts')
  if (parts.length === 0) {
    throw new InterfaceError('sql.join() got an empty list, of which no text can be made', {
      hint: 'leave the clause out, or pass the list as one argument of = any()',
    })
  }
  const between = Part.shapeOf(separator)
  if (between === undefined) {
    throw new InterfaceError('the separator of sql.join() must be made by sql.raw() or sql.identifier()')
  }
  const spliced = parts.map((part, index) => {
    const shape = splicedShape(part)
    if (shape !== undefined) return shape
    throw new InterfaceError(`sql.join() takes queries and parts, its element ${index} is neither`, {
      hint: 'make a query of each value with values.map() and a template that holds it alone',
    })
  })
  const [separating] = between.literals
  const strings = ['', ...spliced.slice(1).map(() => separating), '']
  return new Query(shapeOf(strings, spliced), argsOf(parts))
}

function raw(text: string): SqlPart {
  if (typeof text !== 'string') {
    throw new InterfaceError(`sql.raw() takes a text, got a value of type ${typeof text}`)
  }
  return new Part(text)
}

/**
 * A query and its arguments as one value: each value in the template becomes an argument (`$1`, `$2` …), and a query
 * or part among them is spliced in, its arguments numbered anew. Nothing else ever becomes part of the text, so that
 * no value can be taken for SQL. The same template always gives the same text, which is made once.
 *
 * Throws an InterfaceError for what cannot be spliced: a template with an escape sequence that JavaScript does not
 * know, an identifier that is empty or contains NUL, an empty list.
 *
 * ```ts
 * const adults = sql`age >= ${18}`
 * await connection.fetch(sql`select name from ${sql.identifier('person')} where ${adults} and city = ${'Lyon'}`)
 * // the text: select name from "person" where age >= $1 and city = $2
 * ```
 */
export const sql: {
  <T = Row>(strings: TemplateStringsArray, ...values: unknown[]): SqlQuery<T>
  /** A quoted name: `sql.identifier('shop', 'order')` is `"shop"."order"`. */
  identifier(...names: string[]): SqlPart
  /**
   * Queries or parts with a separator between them, `, ` by default. An empty list is an InterfaceError.
   *
   * ```ts
   * sql`insert into t values ${sql.join(rows.map(({ a, b }) => sql`(${a}, ${b})`))}`
   * ```
   */
  join(parts: readonly (SqlQuery<any> | SqlPart)[], separator?: SqlPart): SqlQuery
  /** Text as it is. It must never come from outside: whoever writes it can run any statement. */
  raw(text: string): SqlPart
} = Object.assign(query, { identifier, join, raw })

/** Whether a value was made by {@link sql} and is a whole query. */
export function isSqlQuery(value: unknown): value is SqlQuery<any> {
  return Query.shapeOf(value) !== undefined
}

/** Whether a value was made by `sql.identifier` or `sql.raw`, and so is no query by itself. */
export function isSqlPart(value: unknown): value is SqlPart {
  return Part.shapeOf(value) !== undefined
}
