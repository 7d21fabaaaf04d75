/**
 * @typedef {object} Target the server, as the runners' environment names it
 * @property {string} host
 * @property {number} port
 * @property {string} user
 * @property {string | undefined} password
 * @property {string} database
 * @property {'disable' | 'require'} sslmode
 */

/**
 * Reads the target from the standard variables and takes them out of the environment, so that each driver
 * gets its settings in one way only: from its adapter.
 *
 * @returns {Target}
 */
export function takeTarget() {
  const { PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE } = process.env
  for (const name of Object.keys(process.env)) if (name.startsWith('PG')) delete process.env[name]
  return {
    host: PGHOST ?? '127.0.0.1',
    port: Number(PGPORT ?? 5432),
    user: PGUSER ?? 'postgres',
    password: PGPASSWORD || undefined,
    database: PGDATABASE ?? 'postgres',
    sslmode: PGSSLMODE === 'require' ? 'require' : 'disable',
  }
}

/**
 * The same as variables, for the runner's process.
 *
 * @param {Target} target
 * @returns {Record<string, string>}
 */
export function toEnvironment(target) {
  return {
    PGHOST: target.host,
    PGPORT: String(target.port),
    PGUSER: target.user,
    PGPASSWORD: target.password ?? '',
    PGDATABASE: target.database,
    PGSSLMODE: target.sslmode,
  }
}

/**
 * @param {Target} target
 * @returns {string}
 */
export function toUrl(target) {
  const password = target.password === undefined ? '' : `:${encodeURIComponent(target.password)}`
  const user = encodeURIComponent(target.user)
  return `postgres://${user}${password}@${target.host}:${target.port}/${target.database}?sslmode=${target.sslmode}`
}
