/** What the server says of itself: its parameters. */
type Parameters = Pick<ReadonlyMap<string, string>, 'has'>

/** What gives up all that a session may hold, in the order in which it is run. */
const POSTGRESQL = ['SELECT pg_catalog.pg_advisory_unlock_all();', 'CLOSE ALL;', 'UNLISTEN *;', 'RESET ALL;']

/** What relatives of PostgreSQL take of that, by the parameter that only they report. */
const RELATIVES: readonly (readonly [parameter: string, statements: readonly string[]])[] = [
  // Amazon Redshift
  ['padb_revision', ['RESET ALL;']],
  // CockroachDB
  ['crdb_version', []],
  // CrateDB
  ['crate_version', []],
]

/** The statements that bring a session of this server back to its beginning, `''` where it takes none. */
export function resetQuery(parameters: Parameters): string {
  const [, statements] = RELATIVES.find(([parameter]) => parameters.has(parameter)) ?? ['', POSTGRESQL]
  return statements.join('\n')
}
