import type { TypeOptions } from '../config/connect-options.ts'
import { Int8Choice, MomentChoice, TypePlace } from './generated.ts'

const MOMENT = { date: MomentChoice.Date, string: MomentChoice.Text, temporal: MomentChoice.Temporal }

/** Where each option's choice goes in the packed number, and what stands for it there. */
const LAYOUT: {
  readonly [name: string]: readonly [place: number, choices: { readonly [choice: string]: number }]
} = {
  int8: [
    TypePlace.Int8,
    {
      auto: Int8Choice.Auto,
      bigint: Int8Choice.BigInt,
      number: Int8Choice.Number,
      string: Int8Choice.Text,
    },
  ],
  numeric: [TypePlace.Numeric, { string: 0, number: 1 }],
  timestamptz: [TypePlace.Timestamptz, MOMENT],
  timestamp: [TypePlace.Timestamp, MOMENT],
  date: [TypePlace.Date, MOMENT],
  time: [TypePlace.Time, MOMENT],
  json: [TypePlace.Json, { parse: 0, text: 1 }],
  bytea: [TypePlace.Bytea, { buffer: 0, uint8array: 1 }],
  interval: [
    TypePlace.Interval,
    { interval: MomentChoice.Date, string: MomentChoice.Text, temporal: MomentChoice.Temporal },
  ],
}

const PLACES = Object.entries(LAYOUT)

/** The options, which were checked before, as one number. Codecs are no part of it. */
export function packTypeOptions(options: TypeOptions): number {
  let packed = 0
  for (const [name, [place, choices]] of PLACES) {
    const choice = options[name as keyof TypeOptions] as string | undefined
    if (choice !== undefined) packed |= (choices[choice] as number) << place
  }
  return packed
}
