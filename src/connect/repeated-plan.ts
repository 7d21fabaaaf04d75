import type { ConnectPlan } from '../config/connect-plan.ts'
import { planConnection } from '../config/plan-connection.ts'
import type { Sources } from '../config/sources.ts'

/** A plan with all that it was made of. */
interface Made {
  readonly dsn: string
  /** Every variable that was looked at. */
  readonly variables: readonly (readonly [name: string, value: string | undefined])[]
  readonly plan: ConnectPlan
}

/** Held weakly, for it may know a password. */
let last: WeakRef<Made> | undefined

/**
 * Plans by a DSN without options. A process that connects again and again does so by the same DSN in the same
 * environment: then the plan is the same, and need not be made again. A plan that touched a file is not kept, since
 * the file may have changed.
 */
export function repeatedPlan(dsn: string, sources: Sources): ConnectPlan {
  const made = last?.deref()
  if (made?.dsn === dsn && isUnchanged(made, sources)) return made.plan
  const variables = new Map<string, string | undefined>()
  const watched = new WatchedSources(sources, variables)
  const plan = planConnection(dsn, undefined, watched)
  last = watched.wasLeft ? undefined : new WeakRef({ dsn, variables: [...variables], plan })
  return plan
}

function isUnchanged({ variables }: Made, { env }: Sources): boolean {
  for (const [name, value] of variables) if (env[name] !== value) return false
  return true
}

/** Notes which variables are looked at, and whether anything else is. */
class WatchedSources implements Sources {
  readonly env: Sources['env']
  /** Something was asked of the system that is not noted. */
  wasLeft = false
  readonly #sources: Sources

  constructor(sources: Sources, variables: Map<string, string | undefined>) {
    this.#sources = sources
    const { env } = sources
    this.env = new Proxy(env, {
      get(_, name: string) {
        const value = env[name]
        variables.set(name, value)
        return value
      },
    })
  }

  get platform(): NodeJS.Platform {
    return this.#sources.platform
  }

  get hasTemporal(): boolean {
    return this.#sources.hasTemporal
  }

  get homeDirectory(): string | undefined {
    return this.#observedSources.homeDirectory
  }

  get userName(): string | undefined {
    return this.#observedSources.userName
  }

  stat(path: string): ReturnType<Sources['stat']> {
    return this.#observedSources.stat(path)
  }

  readFile(path: string): Uint8Array {
    return this.#observedSources.readFile(path)
  }

  get #observedSources(): Sources {
    this.wasLeft = true
    return this.#sources
  }
}
