import { Leasing } from './leasing.ts'
import { Members } from './members.ts'
import { OneShots } from './one-shots.ts'
import { membersIo, type Opening } from './pool-io.ts'
import type { PoolSettings } from './pool-options.ts'
import { Texts } from './texts.ts'

/** What a pool works by. */
export interface PoolWorkings {
  readonly members: Members
  readonly leasing: Leasing
  readonly calls: OneShots
}

/**
 * Makes what a pool works by.
 *
 * @param opening how connections are opened at the time
 * @param refusal the error of using the pool, while it cannot be used
 */
export function poolWorkings(
  settings: PoolSettings,
  opening: () => Opening,
  refusal: () => Error | undefined,
): PoolWorkings {
  const texts = new Texts()
  const members = new Members(settings, membersIo(opening))
  const leasing = new Leasing(members, settings, texts, opening)
  members.onEnded = (member) => leasing.forget(member)
  return { members, leasing, calls: new OneShots(members, leasing, texts, settings, refusal) }
}
