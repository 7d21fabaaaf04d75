// What counts as slow, by what calls take.

import test from 'ava'
import { Pace } from '../../src/pool/pace.ts'

/** The pace after so many calls, the n-th of which takes what `duration` says. */
function paceOf(calls: number, duration: (n: number) => number): Pace {
  const pace = new Pace()
  for (let n = 0; n < calls; n++) pace.took(duration(n))
  return pace
}

test('beside fast calls one of more than five milliseconds is slow, however many there are below half', (t) => {
  t.is(new Pace().slowMs, 5)
  t.is(paceOf(1_000, () => 0.2).slowMs, 5)
  t.is(paceOf(1_000, (n) => (n % 5 < 2 ? 200 : 0.2)).slowMs, 5)
})

test('where every call takes long, one is slow that takes several times as long', (t) => {
  const { slowMs } = paceOf(60, () => 30)
  t.true(slowMs > 100 && slowMs < 150, String(slowMs))
})

test('it follows when calls become fast again', (t) => {
  const pace = paceOf(60, () => 30)
  for (let n = 0; n < 60; n++) pace.took(0.2)
  t.is(pace.slowMs, 5)
})
