import type { TargetSessionAttrs } from '../config/connect-options.ts'

/** What a fresh connection can be asked about its server. */
export interface SessionProbe {
  /** A parameter that the server reported, or undefined. */
  setting(name: string): string | undefined
  /** The first value that a query gives. */
  ask(query: string): Promise<unknown>
}

export const RECOVERY_QUERY = 'SELECT pg_catalog.pg_is_in_recovery()'
export const READ_ONLY_QUERY = "SELECT pg_catalog.current_setting('transaction_read_only')"

/**
 * Whether a server is of the kind that is wanted. PostgreSQL 14 and newer report what is needed at login; older ones,
 * and poolers that keep it back, are asked.
 */
export async function hasAttributes(wanted: TargetSessionAttrs, probe: SessionProbe): Promise<boolean> {
  switch (wanted) {
    case 'any':
      return true
    case 'primary':
      return !(await isStandby(probe))
    case 'standby':
    case 'prefer-standby':
      return isStandby(probe)
    case 'read-write':
      return !(await isReadOnly(probe))
    case 'read-only':
      return isReadOnly(probe)
  }
}

/**
 * Whether a server may still be of the kind that is wanted, by what it has reported since: a standby that was promoted
 * tells, and a primary that was made read-only.
 */
export function mayHaveAttributes(
  wanted: TargetSessionAttrs,
  setting: (name: string) => string | undefined,
): boolean {
  const standby = setting('in_hot_standby')
  const readOnly = setting('default_transaction_read_only')
  switch (wanted) {
    case 'any':
    case 'prefer-standby':
      return true
    case 'primary':
      return standby !== 'on'
    case 'standby':
      return standby !== 'off'
    case 'read-write':
      return standby !== 'on' && readOnly !== 'on'
    case 'read-only':
      return standby !== 'off' || readOnly !== 'off'
  }
}

async function isStandby(probe: SessionProbe): Promise<boolean> {
  const reported = probe.setting('in_hot_standby')
  return reported === undefined ? isTrue(await probe.ask(RECOVERY_QUERY)) : reported === 'on'
}

async function isReadOnly(probe: SessionProbe): Promise<boolean> {
  const reported = [probe.setting('default_transaction_read_only'), probe.setting('in_hot_standby')]
  if (reported.includes(undefined)) return isTrue(await probe.ask(READ_ONLY_QUERY))
  return reported.includes('on')
}

function isTrue(value: unknown): boolean {
  return value === true || value === 't' || value === 'on'
}
