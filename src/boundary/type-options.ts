import type { TypeOptions } from '../config/connect-options.ts'
import { UnsupportedClientFeatureError } from '../errors/index.ts'

/** Each option's place in the packed number and its values there; crates/wire's TypeOptions reads them. */
const LAYOUT: {
  readonly [name: string]: readonly [shift: number, values: { readonly [value: string]: number }]
} = {
  int8: [0, { auto: 0, bigint: 1, number: 2, string: 3 }],
  numeric: [2, { string: 0, number: 1 }],
  timestamptz: [4, { date: 1, string: 2, temporal: 3 }],
  timestamp: [6, { date: 1, string: 2, temporal: 3 }],
  date: [8, { date: 1, string: 2, temporal: 3 }],
  time: [10, { string: 2, temporal: 3 }],
  json: [12, { parse: 0, text: 1 }],
  bytea: [14, { buffer: 0, uint8array: 1 }],
}

const PLACES = Object.entries(LAYOUT)

/**
 * The options, which were checked before, as one number.
 *
 * @throws UnsupportedClientFeatureError for what this version does not do yet: codecs, and an interval that is not
 * its text.
 */
export function packTypeOptions(options: TypeOptions): number {
  if (options.codecs !== undefined && options.codecs.length > 0) {
    throw new UnsupportedClientFeatureError('option types.codecs is not supported by this version')
  }
  if (options.interval !== undefined && options.interval !== 'string') {
    throw new UnsupportedClientFeatureError(
      `option types.interval: '${options.interval}' is not supported by this version, an interval is its text`,
    )
  }
  let packed = 0
  for (const [name, [shift, values]] of PLACES) {
    const choice = options[name as keyof TypeOptions] as string | undefined
    if (choice !== undefined) packed |= (values[choice] as number) << shift
  }
  return packed
}
