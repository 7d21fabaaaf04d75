import type { HostPlan } from '../config/hosts.ts'

/** A host as messages name it: `"db.example" (192.0.2.7) port 5432` or `socket "/tmp/.s.PGSQL.5432"`. */
export function describeHost(host: HostPlan, address?: string): string {
  if (host.kind === 'unix') return `socket ${JSON.stringify(host.socketPath)}`
  const resolved = address === undefined || address === host.host ? '' : ` (${address})`
  return `${JSON.stringify(host.host)}${resolved} port ${host.port}`
}
