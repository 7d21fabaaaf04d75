import { net } from '../builtins.ts'

/** One entry of a host list: what stands before the port, and the port's text. */
export interface HostEntry {
  readonly host: string
  readonly port?: string
}

/** Makes the error of the list's own source; the problem follows the words that name the host. */
export type Complaint = (problem: string, hint: string) => Error

/**
 * Takes a comma-separated host list apart, as `?host=`, a service file and `PGHOST` have it. An entry that
 * begins with a slash is a path and keeps its colons (`/cloudsql/project:region:instance`); an IPv6 address
 * may stand without brackets when it has no port.
 */
export function parseHostList(text: string, complain: Complaint): HostEntry[] {
  const parts = text.split(',')
  return parts.map((raw, index) => {
    const part = raw.trim()
    const which = parts.length === 1 ? '' : `host ${index + 1} `
    if (part === '') throw complain(`${which}is empty`, 'remove the comma that has no host beside it')
    if (part.startsWith('/') || net().isIPv6(part)) return { host: part }
    const [host, port] = part.startsWith('[')
      ? splitBracketed(part, (problem, hint) => complain(which + problem, hint))
      : splitPort(part)
    if (host === '') throw complain(`${which}has a port and no name`, 'write host:port')
    if (port?.includes(':')) {
      throw complain(`${which}has more than one colon`, 'put an IPv6 address in brackets: [::1]:5432')
    }
    return port === undefined || port === '' ? { host } : { host, port }
  })
}

/** Splits `name:port` at the first colon. */
export function splitPort(part: string): [host: string, port: string | undefined] {
  const colon = part.indexOf(':')
  return colon < 0 ? [part, undefined] : [part.slice(0, colon), part.slice(colon + 1)]
}

/** Splits `[address]:port`; what is in the brackets is not judged, as libpq does not. */
export function splitBracketed(part: string, complain: Complaint): [host: string, port: string | undefined] {
  const end = part.indexOf(']')
  if (end < 0) throw complain('has a "[" without a "]"', 'write an IPv6 address as [::1]')
  const host = part.slice(1, end)
  if (host === '') throw complain('has nothing between "[" and "]"', 'write an IPv6 address as [::1]')
  const rest = part.slice(end + 1)
  if (rest === '') return [host, undefined]
  if (!rest.startsWith(':')) {
    throw complain('has something behind "]" that is no port', 'write a port behind a colon: [::1]:5432')
  }
  return [host, rest.slice(1)]
}
