import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * @typedef {object} Options
 * @property {boolean} quick fewer works and rounds, done within three minutes
 * @property {string[]} only words that a work, a mode or a driver must contain; all when empty
 * @property {number} rounds
 * @property {import('./runners/load.mjs').Window} window
 * @property {boolean} limits also the programs that show the physical limit
 * @property {string | undefined} url a server to use instead of starting one
 * @property {number} deadline seconds after which no further measurement is begun; Infinity for none
 * @property {string} output folder of the report
 */

export const USAGE = `npm run bench -- [options]

  --quick              fewer works, one round, done within three minutes
  --only WORDS         only works, modes or drivers whose name contains a word; comma-separated, one --only narrows
                       another: --only point-select --only cornac,node-postgres
  --rounds N           rounds, interleaved over the drivers (default 5, quick 1)
  --seconds S          length of a measured window (default 1, quick 0.5)
  --deadline S         begin no further measurement after S seconds (default none, quick 160)
  --no-limits          leave out asyncpg, pgx and the bare Rust loop
  --url URL            use this PostgreSQL server (superuser, no TLS) instead of starting one
  --output FOLDER      where report.md, report.json and charts/ go (default benchmark/; with --quick or --only
                       target/benchmark/, so that the kept report is always a whole one)
`

const whole = new URL('.', import.meta.url)
const partial = new URL('../target/benchmark/', import.meta.url)

/** The quick form's promise is three minutes, start of the server and writing of the report included. */
const QUICK_DEADLINE_SECONDS = 160

/**
 * @param {string[]} argv
 * @returns {Options}
 */
export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      deadline: { type: 'string' },
      'no-limits': { type: 'boolean', default: false },
      url: { type: 'string' },
      output: { type: 'string' },
    },
  })
  const quick = values.quick
  return {
    quick,
    only: values.only,
    rounds: positive('--rounds', values.rounds ?? (quick ? '1' : '5')),
    window: {
      seconds: positive('--seconds', values.seconds ?? (quick ? '0.5' : '1')),
      warmup: quick ? 0.2 : 0.4,
      delay: quick ? 0.25 : 0.4,
    },
    limits: !values['no-limits'] && !quick,
    url: values.url,
    deadline: positive('--deadline', values.deadline ?? String(quick ? QUICK_DEADLINE_SECONDS : 1e9)),
    output: values.output ?? fileURLToPath(quick || values.only.length > 0 ? partial : whole),
  }
}

function positive(name, text) {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`${name} must be a number above 0, not "${text}"`)
  return value
}
