import type { TargetSessionAttrs } from '../config/connect-options.ts'

/** What a fresh connection can be asked about its server. */
export interface SessionProbe {
  /** A parameter that the server reported, or undefined. */
  setting(name: string): string | undefined
  /** Whether the server is in recovery, by a query. */
  isInRecovery(): Promise<boolean>
}

export const RECOVERY_QUERY = 'SELECT pg_catalog.pg_is_in_recovery()'

/**
 * Whether a server is of the kind that is wanted. PostgreSQL 14 and newer report what is needed at login;
 * older ones are asked whether they are in recovery, which is all that can be known of them.
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

async function isStandby(probe: SessionProbe): Promise<boolean> {
  const reported = probe.setting('in_hot_standby')
  return reported === undefined ? probe.isInRecovery() : reported === 'on'
}

async function isReadOnly(probe: SessionProbe): Promise<boolean> {
  return probe.setting('default_transaction_read_only') === 'on' || (await isStandby(probe))
}
