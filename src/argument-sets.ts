import { shown } from './call-options.ts'
import { InterfaceError } from './errors/index.ts'
import type { ArgumentSets } from './session.ts'
import { isSqlQuery } from './sql.ts'
import { checkQuery } from './sql-query.ts'

/** @throws InterfaceError for what is no text: also for a query of the `sql` tag, which has one set of arguments in it. */
export function checkManyText(sql: unknown): void {
  if (typeof sql === 'string') return
  if (isSqlQuery(sql)) {
    throw new InterfaceError(
      'a query made by the sql tag has its arguments in it: it takes no sets of them',
      {
        hint: 'give a text with $1, $2 … in the place of the values',
      },
    )
  }
  checkQuery(sql)
}

/** @throws InterfaceError for what cannot be iterated; a string can be, and is no list of sets. */
export function checkSets(sets: unknown): ArgumentSets {
  const isObject = typeof sets === 'object' && sets !== null
  if (isObject && (Symbol.iterator in sets || Symbol.asyncIterator in sets)) return sets as ArgumentSets
  throw new InterfaceError(`the argument sets must be an iterable of arrays, got ${shown(sets)}`, {
    hint: "write executeMany('insert into t values ($1, $2)', [[1, 'a'], [2, 'b']])",
  })
}
