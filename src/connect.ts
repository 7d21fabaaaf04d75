import type { ConnectOptions } from './config/connect-options.ts'
import type { Connection, ConnectionClass } from './connection.ts'
import { connectorOnce } from './connector.ts'
import { isOurs } from './errors/ours.ts'

/** Connects as {@link connect} does without a class, and gives a connection of the class `connectionClass`. */
export function connect<C extends Connection>(
  dsn: string | undefined,
  options: ConnectOptions & { connectionClass: ConnectionClass<C> },
): Promise<C>
/** Connects as {@link connect} does without a class, and gives a connection of the class `connectionClass`. */
export function connect<C extends Connection>(
  options: ConnectOptions & { connectionClass: ConnectionClass<C> },
): Promise<C>
/**
 * Connects to a PostgreSQL server.
 *
 * What is not given comes, in this order, from the DSN, a service file, the environment (`PGHOST`, `PGPASSWORD` …)
 * and defaults: see `docs/reference/parameters.md`. Hosts are tried in order until one is of the kind that
 * `targetSessionAttrs` asks for.
 *
 * @param dsn `postgresql://user:password@host:port/database?parameter=value`; or the options, as only argument.
 *
 * Rejects with a ClientConfigurationError, before a socket is opened, when a parameter is wrong; a
 * ConnectionFailureError when no server could be reached (`cause` has Node's `code`, or one error for each host); an
 * InvalidPasswordError or InvalidAuthorizationSpecificationError when the server refuses; any other error of the
 * server; a TimeoutError after `timeout`; or `signal.reason`.
 *
 * ```ts no-run
 * const connection = await connect('postgresql://user@localhost/database')
 * await using other = await connect({ host: 'localhost', database: 'database', ssl: 'verify-full' })
 * ```
 */
export function connect(dsn?: string, options?: ConnectOptions): Promise<Connection>
/** Connects by options alone; a DSN may be one of them. It is like `connect(undefined, options)`. */
export function connect(options: ConnectOptions): Promise<Connection>
export async function connect(dsn?: string | ConnectOptions, options?: ConnectOptions): Promise<Connection> {
  const { open, signal } = connectorOnce(dsn, options)
  try {
    return await open(signal)
  } catch (error) {
    // Made deep inside the plan's run: only the caller's own stack says whose connect it was.
    if (isOurs(error)) Error.captureStackTrace(error, connect)
    throw error
  }
}
