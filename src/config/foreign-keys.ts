/**
 * Keys that DSNs of other tools have. PostgreSQL knows none of them as a setting, so that it refuses the session; what
 * they are for is had in another way.
 */
const FOREIGN_KEYS: { readonly [key: string]: string } = {
  schema: 'write search_path=… instead',
  currentschema: 'write search_path=… instead',
  pgbouncer: 'leave it out: the driver notices poolers by itself',
  connection_limit: 'leave it out: it belongs to a pool, whose option is maxSize',
  pool_timeout: 'leave it out: it belongs to a pool, whose option is acquireTimeout',
  max: 'leave it out: it belongs to a pool, whose option is maxSize',
  socket_timeout: 'leave it out, and give the option commandTimeout',
  sockettimeout: 'leave it out, and give the option commandTimeout',
  query_timeout: 'leave it out, and give the option commandTimeout',
  connectiontimeoutmillis: 'write connect_timeout in seconds, or give the option timeout in milliseconds',
  connecttimeout: 'write connect_timeout in seconds, or give the option timeout in milliseconds',
  logintimeout: 'write connect_timeout in seconds, or give the option timeout in milliseconds',
  sslaccept: 'write sslmode, which has six values',
  sslidentity: 'write sslcert and sslkey',
  sslfactory: 'write sslmode and sslrootcert',
  uselibpqcompat: 'leave it out: sslmode means what it means to libpq',
  statement_cache_size: 'leave it out, and give the option statementCacheSize',
  preparethreshold: 'leave it out, or give the option statementCacheSize: 0 to prepare nothing by name',
  preparedstatementcachequeries: 'leave it out, and give the option statementCacheSize',
  prepare: 'leave it out, or give the option statementCacheSize: 0 to prepare nothing by name',
  prefer_simple_protocol: 'leave it out, or give the option statementCacheSize: 0 to prepare nothing by name',
  default_query_exec_mode:
    'leave it out, or give the option statementCacheSize: 0 to prepare nothing by name',
  applicationname: 'write application_name',
  targetservertype: 'write target_session_attrs',
  sslpass: 'write sslpassword',
  tcpkeepalive: 'write keepalives=1',
  client_min_message: 'write client_min_messages',
}

/** What to do about a key that another tool understands; undefined for any other key. */
export function foreignKeyRemedy(key: string): string | undefined {
  const known = key.toLowerCase()
  return Object.hasOwn(FOREIGN_KEYS, known) ? FOREIGN_KEYS[known] : undefined
}
