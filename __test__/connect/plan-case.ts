import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { planIn, summary, type World } from './world.ts'

/** Which sources say what, and the plan that they lead to. */
export interface Case {
  title: string
  dsn?: string
  options?: ConnectOptions
  env?: { [name: string]: string }
  /** The text of ~/.pg_service.conf. */
  service?: string
  expected: string
}

export const EVERYTHING = { PGUSER: 'eu', PGDATABASE: 'ed', PGPASSWORD: 'ep', PGHOST: 'eh', PGPORT: '11' }
export const SERVICE = '[s]\nhost=sh\nport=22\nuser=su\npassword=sp\ndbname=sd\n'

export function caseOutcome({ dsn, options, env, service }: Case): Promise<string> {
  const world: World = {
    ...(env === undefined ? {} : { env }),
    files: service === undefined ? {} : { '/home/me/.pg_service.conf': service },
  }
  return summary(planIn(world, dsn, options))
}
