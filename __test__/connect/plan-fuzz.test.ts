import test from 'ava'
import fc from 'fast-check'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { ConnectPlan } from '../../src/config/connect-plan.ts'
import { OPTION_PARAMETERS } from '../../src/config/option-parameters.ts'
import { PARAMETERS } from '../../src/config/parameters.ts'
import { PasswordFile } from '../../src/config/password-file.ts'
import { planConnection } from '../../src/config/plan-connection.ts'
import { REFUSED_PARAMETERS, REFUSED_VARIABLES } from '../../src/config/refused-parameters.ts'
import { ClientConfigurationError } from '../../src/errors/index.ts'
import { sourcesOf, type World } from './world.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 5000)

/** A plan, or the one error that there may be; anything else is found. */
function outcome(dsn: unknown, options: unknown, world: World = {}): ConnectPlan | ClientConfigurationError {
  try {
    return planConnection(dsn as string, options as ConnectOptions, sourcesOf(world))
  } catch (error) {
    if (error instanceof ClientConfigurationError) {
      if (error.message === '' || error.message.includes('from undefined') || /[\0\n]/.test(error.message)) {
        throw new Error(`a poor message: ${error.message}`)
      }
      return error
    }
    throw error
  }
}

const pieces = fc.oneof(
  fc.constantFrom(
    'postgres://',
    'postgresql://',
    ':',
    '@',
    '/',
    '?',
    '&',
    '=',
    ',',
    '[',
    ']',
    '%',
    '%2F',
    '%00',
    '%zz',
    '+',
    '#',
    '\0',
    '::1',
    'h',
    '5432',
    '99999',
    '/tmp',
    '.s.PGSQL.',
    '\ud800',
    'é',
    ' ',
  ),
  fc.constantFrom(...PARAMETERS.map(({ name }) => name), ...REFUSED_PARAMETERS.map(({ name }) => name)),
  fc.constantFrom(...PARAMETERS.flatMap(({ choices }) => choices ?? [])),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const text = fc.array(pieces, { maxLength: 24 }).map((list) => list.join(''))
const dsn = fc.oneof(
  text,
  text.map((rest) => `postgres://${rest}`),
)

test('any text as a DSN gives a plan or a ClientConfigurationError', (t) => {
  fc.assert(
    fc.property(dsn, (given) => void outcome(given, undefined)),
    { numRuns: RUNS },
  )
  t.pass()
})

const names = [
  ...PARAMETERS.flatMap(({ option }) => option ?? []),
  ...OPTION_PARAMETERS.map(({ option }) => option),
]
const value = fc.oneof(
  text,
  fc.constantFrom(...PARAMETERS.flatMap(({ choices }) => choices ?? [])),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withTypedArray: true,
    withSparseArray: true,
  }),
  fc.array(text, { maxLength: 4 }),
  fc.double(),
  fc.integer({ min: -2, max: 70000 }),
  fc.func(fc.string()),
  fc.record(
    { ca: text, cert: text, key: text, servername: text, rejectUnauthorized: fc.boolean() },
    { requiredKeys: [] },
  ),
)

test('any values as options give a plan or a ClientConfigurationError', (t) => {
  const options = fc.dictionary(
    fc.oneof({ arbitrary: fc.constantFrom(...names), weight: 9 }, { arbitrary: fc.string(), weight: 1 }),
    value,
    { maxKeys: 6 },
  )
  fc.assert(
    fc.property(fc.option(dsn), options, (given, all) => void outcome(given ?? undefined, all)),
    { numRuns: RUNS },
  )
  t.pass()
})

test('anything at all as arguments gives a plan or a ClientConfigurationError', (t) => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), (first, second) => void outcome(first, second)),
    { numRuns: RUNS },
  )
  t.pass()
})

test('any environment, service file and password file give a plan or a ClientConfigurationError', (t) => {
  const variables = [
    ...PARAMETERS.flatMap(({ variable }) => variable ?? []),
    ...REFUSED_VARIABLES.map(({ name }) => name),
    'PGTZ',
    'PGREQUIRESSL',
    'PGSYSCONFDIR',
  ]
  const line = fc.oneof(
    fc.tuple(pieces, pieces).map(([key, content]) => `${key}=${content}`),
    text,
  )
  const file = fc.array(line, { maxLength: 12 }).map((lines) => `[s]\n${lines.join('\n')}`)
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom(...variables), text, { maxKeys: 5 }),
      file,
      text,
      fc.constantFrom('linux', 'darwin', 'win32'),
      (env, service, password, platform) => {
        const files = { '/home/me/.pg_service.conf': service, '/home/me/.pgpass': password }
        outcome('postgres://', { service: 's' }, { env, files, platform })
        outcome(undefined, undefined, { env, files, platform })
      },
    ),
    { numRuns: RUNS },
  )
  t.pass()
})

test('a plan is sound whatever it was made of', (t) => {
  fc.assert(
    fc.property(dsn, (given) => {
      const plan = outcome(given, undefined)
      if (!(plan instanceof ConnectPlan)) return
      if (plan.hosts.length === 0 || plan.user === '' || plan.database === '') throw new Error('incomplete')
      for (const host of plan.hosts) {
        if (!Number.isInteger(host.port) || host.port < 1 || host.port > 65535) throw new Error('port')
        if ((host.kind === 'unix') !== (host.socketPath !== undefined)) throw new Error('socket')
        if (host.host === '') throw new Error('host')
      }
      for (const part of [plan.user, plan.database, ...plan.serverSettings.flat()]) {
        if (/\0|\p{Surrogate}/u.test(part)) throw new Error('unsendable')
      }
    }),
    { numRuns: RUNS },
  )
  t.pass()
})

const field = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((part) => !/[\r\n\0]/.test(part))
const escaped = (part: string) => part.replace(/[\\:]/g, '\\$&')

test('what is escaped in a password file is found again', (t) => {
  fc.assert(
    fc.property(
      field,
      fc.integer({ min: 1, max: 65535 }),
      field,
      field,
      field,
      (host, port, database, user, password) => {
        const first = escaped(host)
        // The line as a whole is a comment, or loses its blanks, by how it begins; a star alone matches all.
        if (/^[\s#]/.test(first)) return
        const line = [first, String(port), escaped(database), escaped(user), escaped(password)].join(':')
        const found = new PasswordFile('/x', `${line}\n`).find({ hosts: [host], port, database, user })
        if (found !== password)
          throw new Error(`${JSON.stringify(found)} instead of ${JSON.stringify(password)}`)
      },
    ),
    { numRuns: RUNS },
  )
  t.pass()
})

test('the parts of a DSN come back as they were encoded', (t) => {
  const part = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((given) => !given.includes('\0'))
  const encode = encodeURIComponent
  fc.assert(
    fc.asyncProperty(part, part, part, part, async (user, password, database, name) => {
      const plan = planConnection(
        `postgresql://${encode(user)}:${encode(password)}@h/${encode(database)}?application_name=${encode(name)}`,
        undefined,
        sourcesOf(),
      )
      const answers = await plan.ask(plan.hosts[0]!)
      const found = [plan.user, answers.password, plan.database, plan.serverSettings.at(-1)?.[1]]
      if (found.join('\0') !== [user, password, database, name].join('\0')) throw new Error(found.join(' '))
    }),
    { numRuns: 500 },
  )
  t.pass()
})

test('a plan takes far less than a millisecond', (t) => {
  const sources = sourcesOf({ env: { PGUSER: 'x', PGPORT: '1' } })
  const make = () =>
    planConnection(
      'postgres://u:p@a:1,b:2,[::1]:3/d?sslmode=require&application_name=x',
      { timeout: 5 },
      sources,
    )
  for (let warm = 0; warm < 2000; warm++) make()
  // The process's own time: a busy machine stretches the clock's.
  const before = process.cpuUsage()
  for (let round = 0; round < 2000; round++) make()
  const each = process.cpuUsage(before).user / 2000
  t.true(each < 1000, `${each} µs`)
  t.log(`${each.toFixed(1)} µs each`)
})
