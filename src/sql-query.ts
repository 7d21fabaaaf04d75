import { type Args, type CallOptions, checkArgs, shown } from './call-options.ts'
import { InterfaceError } from './errors/index.ts'
import { isSqlPart, isSqlQuery, type SqlQuery } from './sql.ts'

/** A call's text, arguments and options, of either way to give them. */
export interface Asked<O> {
  readonly sql: string
  readonly args: Args | undefined
  readonly options: O | undefined
}

/**
 * Takes `(sql, args?, options?)` and `(query, options?)` apart.
 *
 * @throws InterfaceError for what is neither.
 */
export function takeApart<O extends CallOptions>(
  sql: string | SqlQuery<any>,
  second: Args | O | undefined,
  third: O | undefined,
): Asked<O> {
  if (typeof sql === 'string') return { sql, args: checkArgs(second), options: third }
  const { text, args } = checkQuery(sql)
  if (third !== undefined || Array.isArray(second)) throw argsBeside()
  return { sql: text, args, options: second as O | undefined }
}

/**
 * The text of a statement that is given its arguments later.
 *
 * @throws InterfaceError for what is no text, and for a query of the `sql` tag that has arguments.
 */
export function textOf(sql: string | SqlQuery<any>): string {
  if (typeof sql === 'string') return sql
  const { text, args } = checkQuery(sql)
  if (args.length === 0) return text
  throw new InterfaceError(
    `a prepared statement is given its arguments when it is run, but the query has ${args.length} in it`,
    { hint: 'write $1, $2 … into the text, and give the values to fetch([…])' },
  )
}

/** @throws InterfaceError for what is no whole query of the `sql` tag. */
export function checkQuery(query: unknown): SqlQuery<any> {
  if (isSqlQuery(query)) return query
  if (isSqlPart(query)) {
    throw new InterfaceError('a part made by sql.raw() or sql.identifier() is no query by itself', {
      hint: 'put it into a template: sql`…`',
    })
  }
  throw new InterfaceError(`the query must be a string, got ${shown(query)}`, {
    hint: 'give a text, or a query made by the sql tag',
  })
}

function argsBeside(): InterfaceError {
  return new InterfaceError(
    'a query made by the sql tag has its arguments in it, but others were given too',
    {
      hint: 'put the values into the template, and give options as the second argument',
    },
  )
}
