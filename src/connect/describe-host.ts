import type { HostPlan } from '../config/hosts.ts'

/** A host as messages name it: `"db.example" (192.0.2.7) port 5432` or `socket "/tmp/.s.PGSQL.5432"`. */
export function describeHost(host: HostPlan, address?: string): string {
  if (host.kind === 'unix') return `socket ${JSON.stringify(host.socketPath)}`
  const name = shownName(host.host)
  const resolved = address === undefined || address === host.host ? '' : ` (${address})`
  return `${JSON.stringify(name)}${resolved} port ${host.port}`
}

/** With a raw "@" in the password, its end lands in the host: what stands before the last one is not shown. */
function shownName(name: string): string {
  const at = name.lastIndexOf('@')
  return at < 0 ? name : `…${name.slice(at)}`
}
