import type { ConnectOptions } from './config/connect-options.ts'
import { type Connector, connector } from './connector.ts'
import { isOurs } from './errors/ours.ts'
import { newPool, type Pool } from './pool/pool.ts'
import { checkPoolOptions, type PoolOptions } from './pool/pool-options.ts'

/**
 * Makes a pool of connections to one database. It opens `minSize` of them, the first one alone.
 *
 * @param dsn As for `connect`; or the options, as only argument.
 * @param options Those of `connect`, and those of the pool. `timeout` is for each connection that is opened, `signal` for
 * those that the pool is made with.
 *
 * Rejects with a ClientConfigurationError for options that cannot be, and with what `connect` or the `init` hook rejects
 * with; no connection stays open then.
 *
 * ```ts no-run
 * const pool = await createPool('postgresql://user@localhost/database', { maxSize: 20 })
 * const rows = await pool.fetch('select id, name from city where country = $1', ['FR'])
 * await pool.close()
 * ```
 */
export function createPool(dsn?: string, options?: PoolOptions): Promise<Pool>
/** Makes a pool by options alone; a DSN may be one of them. It is like `createPool(undefined, options)`. */
export function createPool(options: PoolOptions): Promise<Pool>
export async function createPool(dsn?: string | PoolOptions, options?: PoolOptions): Promise<Pool> {
  const parts = { ...checkPoolOptions(dsn, options), connector: connectorBy }
  try {
    return await newPool(parts)
  } catch (error) {
    // Made deep inside of a connect; one of a hook's query has the stack of the hook.
    if (isOurs(error) && !('query' in error)) Error.captureStackTrace(error, createPool)
    throw error
  }
}

function connectorBy(given: ConnectOptions): Connector {
  return connector(undefined, given)
}
