import { clearTimeout, setTimeout } from '../timers.ts'
import type { PoolSettings } from './pool-options.ts'

/**
 * How often idle, old and leaked connections are looked for, in milliseconds. Where lifetimes are short it is more often,
 * so that none ends more than a tenth late.
 */
const LONGEST = 1_000
const SHORTEST = 20

/** Sweeps a pool again and again, without keeping it from being collected, or the process alive. */
export class Sweeper<P extends object> {
  readonly #pool: WeakRef<P>
  readonly #sweep: (pool: P) => void
  readonly #period: number
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param sweep must not hold the pool itself. */
  constructor(pool: P, { maxIdle, maxLifetime }: PoolSettings, sweep: (pool: P) => void) {
    this.#pool = new WeakRef(pool)
    this.#sweep = sweep
    this.#period = Math.min(LONGEST, Math.max(SHORTEST, Math.min(maxIdle, maxLifetime) / 10))
    this.#arm()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #arm(): void {
    this.#timer = setTimeout(() => {
      const pool = this.#pool.deref()
      if (pool === undefined) return
      this.#sweep(pool)
      this.#arm()
    }, this.#period)
    this.#timer.unref?.()
  }
}
