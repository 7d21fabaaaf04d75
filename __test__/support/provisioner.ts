// biome-ignore-all lint/correctness/useImportExtensions: the module is JavaScript with its declarations beside it, and the rule would have the latter imported

export type {
  Daemon,
  DsnOverrides,
  PostgresAddress,
  PostgresOptions,
  PostgresServer,
  PostgresVersion,
  ServerTls,
} from '../../tools/postgres.mjs'
export { formatDsn, freePort, startDaemon, startPostgres } from '../../tools/postgres.mjs'
