import { bytesAndAddresses } from './bytes.ts'
import { moments } from './dates.ts'
import { geometry } from './geometry.ts'
import { intervals } from './intervals.ts'
import { documents } from './json.ts'
import { numbers } from './numbers.ts'
import { numerics } from './numeric.ts'
import type { Family } from './sample.ts'
import { search } from './search.ts'
import { system } from './system.ts'
import { texts } from './texts.ts'

/** Every family of values of PostgreSQL's own types. */
export const builtin: readonly Family[] = [
  ...numbers,
  ...numerics,
  ...texts,
  ...bytesAndAddresses,
  ...moments,
  ...intervals,
  ...documents,
  ...geometry,
  ...search,
  ...system,
]
