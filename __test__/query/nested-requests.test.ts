// What code of an argument asks for while its call is written: where it goes, at the border to the core.

import test from 'ava'
import type { ArgumentTypes } from '../../src/boundary/argument-types.ts'
import { Ask, Operation } from '../../src/boundary/generated.ts'
import { Submission } from '../../src/boundary/submission.ts'
import { NO_PLACE } from '../../src/boundary/terms.ts'

const PLACE = { number: 7, within: 0, at: NO_PLACE }
const TERMS = { ask: Ask.Statement, flags: 0, rows: 0, portal: 0 }
/** No text is described here. */
const NO_TYPES = {} as ArgumentTypes

/** A submission, and the operations of what it has handed over, a list each time. */
function recorded(): { submission: Submission; handed: number[][] } {
  const handed: number[][] = []
  const submission = new Submission((bytes, length) => handed.push(operations(bytes.subarray(0, length))))
  return { submission, handed }
}

/** A request is its length, then its operation. */
function operations(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const found: number[] = []
  for (let at = 0; at < bytes.length; at += view.getUint32(at, true)) found.push(view.getUint32(at + 4, true))
  return found
}

function call(submission: Submission, request: number, argument: unknown): void {
  submission.call(PLACE, request, 'select $1::jsonb', [argument], TERMS, NO_PLACE, NO_TYPES)
}

test('it goes down with the call, so that nothing is answered in between', (t) => {
  const { submission, handed } = recorded()
  const argument = {
    toJSON() {
      submission.abandon(PLACE.number, 1)
      submission.terminate(PLACE.number)
      return {}
    },
  }
  call(submission, 2, argument)
  t.deepEqual(handed, [[Operation.Define, Operation.Call, Operation.Abandon, Operation.Terminate]])
})

test('what does not fit goes down behind it, in its order', (t) => {
  const { submission, handed } = recorded()
  const large = 'x'.repeat(1024 * 1024)
  const argument = {
    toJSON() {
      submission.terminate(PLACE.number)
      call(submission, 3, large)
      submission.notices(PLACE.number, true)
      return {}
    },
  }
  call(submission, 2, argument)
  t.deepEqual(handed, [
    [Operation.Define, Operation.Call, Operation.Terminate],
    [Operation.Call],
    [Operation.Notices],
  ])
})
