import type { Connection } from '../../index.ts'
import { reason } from '../query/open.ts'

/** What an argument's own code does with the driver, by a name. Each leaves a promise behind. */
export const deeds: { [name: string]: (connection: Connection) => Promise<unknown> } = {
  'an array with a refused element': (c) => reason(c.fetchValue('select $1::int[]', [[1, undefined, 3]])),
  'a refused argument': (c) => reason(c.fetchValue('select $1::int', [Symbol('x')])),
  'an argument that throws': (c) => {
    const bad = {
      toJSON() {
        throw new Error('no')
      },
    }
    return reason(c.fetchValue('select $1::jsonb', [bad]))
  },
  'a good array': (c) => c.fetchValue('select $1::int[]', [[7, 8, 9]]),
  'a new text': (c) => c.fetchValue(`select ${Math.trunc(Math.random() * 1e9)}::int as fresh`),
  'argument sets': (c) =>
    c.executeMany('select $1::int, $2::jsonb', [
      [7, {}],
      [8, { a: 1 }],
    ]),
  'a COPY with an argument': (c) => c.copyFromQuery('select $1::int', [7], { output: () => {} }),
  'a script': (c) => c.execute('select 1; select 2'),
  'more arguments than can be sent': (c) => reason(c.fetch('select 1', new Array(70_000).fill(1))),
  'an aborted call': (c) => {
    const controller = new AbortController()
    const call = reason(c.fetchValue('select 1', [], { signal: controller.signal }))
    controller.abort()
    return call
  },
  'a text that takes the place of others': (c) => c.fetchValue(`select 1 -- ${'x'.repeat(9_000_000)}`),
  'a large argument': (c) => c.fetchValue('select length($1::text)', ['x'.repeat(300_000)]),
}

export type Act = () => void

export function acting<T>(act: Act, value: T): { toJSON(): T } {
  return {
    toJSON() {
      act()
      return value
    },
  }
}
