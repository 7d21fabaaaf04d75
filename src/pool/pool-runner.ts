import type { Args, CallLimits } from '../call-options.ts'
import type { Runner } from '../queryable.ts'
import type { ArgumentSets } from '../session.ts'
import type { SessionUse } from '../session-use.ts'
import type { Want } from '../want.ts'
import type { OneShots } from './one-shots.ts'

/** Makes the calls of a pool. It exists before its pool does. */
export class PoolRunner implements Runner {
  calls!: OneShots

  unusable(): Error | undefined {
    return this.calls.unusable()
  }

  send<T>(want: Want, sql: string, args: Args | undefined, limits: CallLimits): Promise<T> {
    return this.calls.send(want, sql, args, limits)
  }

  sendMany<T>(want: Want, sql: string, sets: ArgumentSets, limits: CallLimits): Promise<T> {
    return this.calls.sendMany(want, sql, sets, limits)
  }

  onSession<R>(sql: string, limits: CallLimits, use: (on: SessionUse) => Promise<R>): Promise<R> {
    return this.calls.onSession(sql, limits, use)
  }
}
