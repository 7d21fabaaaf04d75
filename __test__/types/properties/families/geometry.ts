// Geometric types: doubles in every place.

import fc from 'fast-check'
import type { Point } from '../../../../index.ts'
import type { Family, Sample } from './sample.ts'

const text = (n: number): string => (Object.is(n, -0) ? '-0' : String(n))
const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 0.1),
)
const any = fc.oneof({ arbitrary: finite, weight: 4 }, fc.constantFrom(NaN, Infinity, -Infinity))
const pointOf = (number: fc.Arbitrary<number>): fc.Arbitrary<Point> =>
  fc.record({ x: number, y: number }, { noNullPrototype: true })
const point = pointOf(any)
const corner = pointOf(finite)
const points = fc.array(point, { minLength: 1, maxLength: 7 })
const pointText = ({ x, y }: Point): string => `(${text(x)},${text(y)})`
const pointsText = (all: readonly Point[]): string => all.map(pointText).join()

/** PostgreSQL takes less than this for zero: a line needs a or b. */
const EPSILON = 1e-6

const line = fc
  .record({ a: any, b: any, c: any }, { noNullPrototype: true })
  .filter(({ a, b }) => !(Math.abs(a) <= EPSILON && Math.abs(b) <= EPSILON))
  .map((value): Sample => ({ literal: `{${[value.a, value.b, value.c].map(text)}}`, value }))
const circle = fc
  .record({ center: point, radius: any.filter((r) => !(r < 0)) }, { noNullPrototype: true })
  .map((value): Sample => ({ literal: `<${pointText(value.center)},${text(value.radius)}>`, value }))

export const geometry: readonly Family[] = [
  { type: 'point', samples: point.map((value): Sample => ({ literal: pointText(value), value })) },
  {
    type: 'point',
    note: 'as a list',
    samples: point.map((value): Sample => ({ literal: pointText(value), value, sent: [value.x, value.y] })),
  },
  {
    type: 'line',
    samples: line,
  },
  {
    type: 'lseg',
    samples: fc
      .record({ p1: point, p2: point }, { noNullPrototype: true })
      .map((value): Sample => ({ literal: `[${pointsText([value.p1, value.p2])}]`, value })),
  },
  {
    type: 'box',
    samples: fc.tuple(corner, corner).map(([a, b]): Sample => {
      const [[lowX, highX], [lowY, highY]] = [sorted(a.x, b.x), sorted(a.y, b.y)]
      return {
        literal: pointsText([a, b]),
        value: { high: { x: highX, y: highY }, low: { x: lowX, y: lowY } },
        sent: { high: a, low: b },
      }
    }),
  },
  {
    type: 'path',
    samples: fc.record({ points, isClosed: fc.boolean() }, { noNullPrototype: true }).map((value): Sample => {
      const inner = pointsText(value.points)
      return { literal: value.isClosed ? `(${inner})` : `[${inner}]`, value }
    }),
  },
  {
    type: 'polygon',
    samples: points.map((all): Sample => ({ literal: `(${pointsText(all)})`, value: { points: all } })),
  },
  {
    type: 'circle',
    samples: circle,
  },
  {
    type: 'line',
    note: 'as a list',
    samples: line.map((sample): Sample => ({ ...sample, sent: Object.values(sample.value as object) })),
  },
  {
    type: 'lseg',
    note: 'as a list',
    samples: fc.tuple(point, point, fc.boolean()).map(
      ([p1, p2, isFlat]): Sample => ({
        literal: `[${pointsText([p1, p2])}]`,
        value: { p1, p2 },
        sent: isFlat ? [p1.x, p1.y, p2.x, p2.y] : [[p1.x, p1.y], p2],
      }),
    ),
  },
  {
    type: 'circle',
    note: 'as a list',
    samples: fc.tuple(circle, fc.boolean()).map(([sample, isFlat]): Sample => {
      const { center, radius } = sample.value as { center: { x: number; y: number }; radius: number }
      return { ...sample, sent: isFlat ? [center.x, center.y, radius] : [[center.x, center.y], radius] }
    }),
  },
  {
    type: 'polygon',
    note: 'as a list',
    samples: points.map(
      (all): Sample => ({
        literal: `(${pointsText(all)})`,
        value: { points: all },
        sent: all.map(({ x, y }) => [x, y]),
      }),
    ),
  },
]

/** As PostgreSQL orders the corners of a box: the first one is the higher one unless it is less. */
function sorted(first: number, second: number): [low: number, high: number] {
  return first < second ? [first, second] : [second, first]
}
