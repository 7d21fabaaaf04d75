// What the event loop has of the driver while it watches sessions at rest, and what is left of that behind it.

import test from 'ava'
import { testDatabase } from '../support/server.ts'
import { start } from './child.ts'

const watching = process.platform === 'win32' ? test.skip : test

const NOTHING = { watches: 0, referenced: 0, held: 0 }

watching(
  'the event loop watches one descriptor for a core, which never holds it, and nothing is left',
  async (t) => {
    const database = await testDatabase()
    const { code, stdout, stderr } = await start(t, 'watch', [database.dsn()]).exited
    t.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    const { before, atRest, again, closed, answered, value, usable, uncaught, contexts, late } =
      JSON.parse(stdout)
    t.deepEqual({ before, closed }, { before: NOTHING, closed: NOTHING })
    // Answered queries let go of the event loop again, also behind a wake-up that throws.
    t.deepEqual({ atRest, again }, { atRest: { ...NOTHING, watches: 1 }, again: { ...NOTHING, watches: 1 } })
    t.true(answered >= 40, `${answered} wake-ups for 40 answers`)
    // What a wake-up throws is uncaught, as everywhere in an event loop, and its answer has come.
    t.deepEqual({ value, usable, uncaught }, { value: 1, usable: 1, uncaught: ['on purpose'] })
    t.deepEqual({ contexts, late }, { contexts: { made: 1, ended: 1 }, late: 0 })
  },
)
