import { inspect } from 'node:util'
import test from 'ava'
import fc from 'fast-check'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { runPlan } from '../../src/connect/run-plan.ts'
import { ClientConfigurationError } from '../../src/errors/index.ts'
import { networkOf, server } from './network.ts'
import { planIn, type World } from './world.ts'

const CANARY = 'c4n4ry'

/** Every printed form of a value, its causes and its hidden properties included. */
function printed(value: unknown): string {
  const forms = [inspect(value, { depth: 20, showHidden: true, getters: false }), String(value)]
  try {
    forms.push(JSON.stringify(value) ?? '')
  } catch {}
  if (value instanceof Error) {
    forms.push(value.message, value.stack ?? '', JSON.stringify(value, Object.getOwnPropertyNames(value)))
    if (value.cause !== undefined) forms.push(printed(value.cause))
  }
  return forms.join('\n')
}

const PEM = (content: string) => `-----BEGIN PRIVATE KEY-----\n${content}\n-----END PRIVATE KEY-----\n`

/** The secret in every place where one can be. */
const PLACES: [title: string, dsn: string | undefined, options?: ConnectOptions, world?: World][] = [
  ['the authority of the DSN', `postgres://u:${CANARY}@192.0.2.1`],
  ['the query part of the DSN', `postgres://192.0.2.1?password=${CANARY}&sslpassword=${CANARY}`],
  ['an option', 'postgres://192.0.2.1', { password: CANARY, sslpassword: CANARY }],
  ['a function', 'postgres://192.0.2.1', { password: () => CANARY, oauthToken: () => CANARY }],
  ['a variable', 'postgres://192.0.2.1', {}, { env: { PGPASSWORD: CANARY } }],
  ['the password file', 'postgres://192.0.2.1', {}, { files: { '/home/me/.pgpass': `*:*:*:*:${CANARY}` } }],
  [
    'a service',
    'postgres://192.0.2.1?service=s',
    {},
    { files: { '/home/me/.pg_service.conf': `[s]\npassword=${CANARY}` } },
  ],
  ['TLS contents', 'postgres://192.0.2.1', { ssl: { cert: PEM('x'), key: PEM(CANARY), passphrase: CANARY } }],
  [
    'a key file',
    'postgres://192.0.2.1?sslcert=/c&sslkey=/k',
    { sslpassword: CANARY },
    { files: { '/c': 'x', '/k': CANARY } },
  ],
]

const URI = `postgresql://ann:${CANARY}@db.example/shop`

/** A DSN where a part of one belongs: its password must not be shown, let alone be asked of a name server. */
const MISPLACED: [title: string, parameter: string, options?: ConnectOptions, world?: World][] = [
  ['the option host', 'host', { host: URI }],
  ['a list of hosts', 'host', { host: ['h', ` ${URI}`] }],
  ['the option port', 'port', { host: 'h', port: URI }],
  ['the option user', 'user', { host: 'h', user: `"${URI}"` }],
  ['the option database', 'database', { host: 'h', database: URI }],
  ['PGHOST', 'host', {}, { env: { PGHOST: URI } }],
  ['PGPORT', 'port', { host: 'h' }, { env: { PGPORT: URI } }],
  ['PGUSER', 'user', { host: 'h' }, { env: { PGUSER: URI } }],
  ['PGDATABASE', 'dbname', { host: 'h' }, { env: { PGDATABASE: URI } }],
  ['a service', 'host', { service: 's' }, { files: { '/home/me/.pg_service.conf': `[s]\nhost=${URI}` } }],
]

for (const [title, parameter, options, world] of MISPLACED) {
  test(`a DSN in ${title} is refused, and not shown`, (t) => {
    const error = t.throws<ClientConfigurationError>(() => planIn(world ?? {}, undefined, options), {
      instanceOf: ClientConfigurationError,
    })!
    t.regex(error.message, new RegExp(`^invalid ${parameter} from .*: it is a DSN$`))
    t.regex(error.hint ?? '', /first argument of connect/)
    t.false(printed(error).includes(CANARY))
  })
}

for (const [title, dsn, options, world] of PLACES) {
  test(`a secret from ${title} shows in no printed form of the plan and of no error`, async (t) => {
    const plan = planIn(world ?? {}, dsn, options)
    t.false(printed(plan).includes(CANARY))
    t.false(printed({ ...plan }).includes(CANARY))
    t.false(printed(structuredClone({ ...plan, signal: undefined })).includes(CANARY))
    for (const reaction of [
      server('28P01'),
      { kind: 'auth', phase: 'authentication', message: 'no password' },
      { kind: 'tls', phase: 'tls', message: 'bad' },
      { kind: 'io', phase: 'connect', osError: 111, message: 'refused' },
      { kind: 'config', phase: 'connect', message: 'bad key' },
      { kind: 'gss', phase: 'authentication', message: 'bad' },
      { kind: 'protocol', phase: 'startup', message: 'bad' },
    ] as const) {
      const error = await t.throwsAsync(runPlan(plan, networkOf({ reactions: { '192.0.2.1': reaction } })))
      t.false(printed(error).includes(CANARY))
    }
  })
}

/** A secret of digits, of letters, and of characters that a DSN should have encoded. */
const SECRETS = [
  CANARY,
  '7654321',
  `${CANARY}/7`,
  `7/${CANARY}`,
  `7?${CANARY}`,
  `${CANARY}?7`,
  `${CANARY}&7`,
  `7&${CANARY}`,
  `${CANARY}=7`,
  `7=${CANARY}`,
  `${CANARY}%`,
  `%${CANARY}`,
  `7@${CANARY}`,
  `${CANARY}:7`,
  `7#${CANARY}`,
  `[${CANARY}`,
  `${CANARY}]`,
  `${CANARY},7`,
  `${CANARY}\0`,
]

/** DSNs with a mistake, or with a secret that breaks them. */
const BROKEN: ((secret: string) => string)[] = [
  (secret) => `postgres://u:${secret}@192.0.2.1`,
  (secret) => `postgres://u:${secret}@192.0.2.1:99999/d`,
  (secret) => `postgres://u:${secret}@[::1/d`,
  (secret) => `postgres://u:${secret}@a,,b/d`,
  (secret) => `postgres://u:${secret}@192.0.2.1/d?zzz`,
  (secret) => `postgres://u:${secret}@192.0.2.1/d?sslmode=x`,
  (secret) => `postgres://u:${secret}@192.0.2.1/d?sslcrldir=x`,
  (secret) => `postgres://u:${secret}`,
  (secret) => `postgres:/u:${secret}@192.0.2.1`,
  (secret) => `pq://u:${secret}@192.0.2.1`,
  (secret) => `u:${secret}@192.0.2.1/d`,
  (secret) => `host=h password=${secret}`,
  (secret) => ` postgres://u:${secret}@192.0.2.1`,
  (secret) => `postgres://192.0.2.1?password=${secret}`,
  (secret) => `postgres://192.0.2.1?password=${secret}&port=99999`,
  (secret) => `postgres://192.0.2.1?port=99999&password=${secret}`,
]

for (const secret of SECRETS) {
  test(`no piece of the secret ${JSON.stringify(secret)} shows in the error about a DSN that is broken`, (t) => {
    // The pieces that are long enough to be recognised.
    const pieces = [CANARY, '7654321'].filter((piece) => secret.includes(piece))
    for (const make of BROKEN) {
      let shown = ''
      try {
        // What is no mistake goes on to the network, and its hosts may be named there.
        planIn({}, make(secret))
      } catch (error) {
        shown = printed(error)
      }
      for (const piece of pieces) t.false(shown.includes(piece), make('SECRET'))
    }
  })
}

test('the end of a password with a raw "@", which lands in the host, is not shown by a failed lookup', async (t) => {
  const io = networkOf({})
  const error = await t.throwsAsync(runPlan(planIn({}, `postgres://u:7@${CANARY}@db.example`), io))
  t.regex(error!.message, /"…@db\.example"/)
})

test('options of the wrong kind are named and not shown', (t) => {
  const wrong: { [name: string]: unknown }[] = [
    { password: { value: CANARY } },
    { password: [CANARY] },
    { sslpassword: [CANARY] },
    { sslpassword: `${CANARY}\0` },
    { password: `${CANARY}\0` },
    { ssl: { passphrase: [CANARY] } },
    { ssl: { key: CANARY } },
    { oauthToken: CANARY },
    { serverSettings: { password: CANARY } },
    { pasword: CANARY },
  ]
  for (const options of wrong) {
    const error = t.throws(() => planIn({}, { host: 'h', ...options } as ConnectOptions))
    t.false(printed(error).includes(CANARY), inspect(options))
  }
})

test('variables and services of wrong content are named and not shown where they are secret', (t) => {
  for (const world of [
    { env: { PGPASSWORD: `${CANARY}\0` } },
    { files: { '/home/me/.pg_service.conf': `[s]\npassword=${CANARY}\0` }, env: { PGSERVICE: 's' } },
    { files: { '/home/me/.pg_service.conf': `[s]\n${CANARY}` }, env: { PGSERVICE: 's' } },
  ]) {
    const error = t.throws(() => planIn(world))
    t.false(printed(error).includes(CANARY))
  }
})

/** Letters that no text of ours and no frame of a stack has side by side. */
const RARE = 'QXZJKVWYqzj'

/** A piece of a password that stands in an error only if it was repeated. A number could be that of a line in a frame. */
const WORD = fc
  .string({ unit: fc.constantFrom(...`${RARE}0123456789`), minLength: 4, maxLength: 8 })
  .filter((word) => /[a-z].*[a-z]/i.test(word))

/** Passwords with the characters that a DSN should have encoded, and every piece of them that is worth reading. */
const RAW_PUNCTUATION = fc.array(WORD, { minLength: 2, maxLength: 4 }).chain((words) =>
  fc
    .array(fc.constantFrom('@', '/', '?', '@', '#', '&', '=', ':', ',', '%'), {
      minLength: words.length,
      maxLength: words.length,
    })
    .map((marks) => ({
      words,
      secret: words.map((word, i) => word + (i < words.length - 1 ? marks[i] : '')).join(''),
    })),
)

test('no piece of a password with raw punctuation is in any printed form of an error', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      RAW_PUNCTUATION,
      fc.constantFrom(
        '/db',
        '',
        '/db?sslmode=x',
        '/db?application_name=me',
        ':5433/db?target_session_attrs=standby',
      ),
      async ({ words, secret }, end) => {
        let error: unknown
        try {
          const plan = planIn({}, `postgres://user:${secret}@db.example${end}`)
          const io = networkOf({ names: {} })
          error = await runPlan(plan, io).then(
            () => undefined,
            (reason) => reason,
          )
        } catch (reason) {
          error = reason
        }
        if (error === undefined) return
        const shown = printed(error)
        for (const word of words)
          if (shown.includes(word)) throw new Error(`${word} of ${secret} in ${shown}`)
      },
    ),
    { numRuns: 5_000 },
  )
  t.pass()
})

/** Rare letters among all the characters that mean something. */
const WILD = fc.string({
  unit: fc.constantFrom(...RARE, ...'@/?@/?&=:,%#[]+!$*();<>{}|^~`._-\'"\\ '),
  minLength: 5,
  maxLength: 14,
})

const WILD_DSNS: ((secret: string) => string)[] = [
  (secret) => `postgres://user:${secret}@db.example`,
  (secret) => `postgres://us%40er:${secret}@db.example/db?application_name=me`,
  (secret) => `postgres://:${secret}@db.example:5433/db?target_session_attrs=standby`,
  (secret) => `postgres://user:${secret}@db.example,other.example/db?sslmode=x`,
  (secret) => `postgres://user:${secret}@db.example?host=a`,
  (secret) => `postgres://db.example/db?password=${secret}&sslmode=prefer`,
]

test('no four characters of a password of any characters are in any printed form of an error', async (t) => {
  await fc.assert(
    fc.asyncProperty(WILD, fc.constantFrom(...WILD_DSNS), async (secret, dsn) => {
      let shown = ''
      try {
        await runPlan(planIn({}, dsn(secret)), networkOf({ names: {} }))
      } catch (error) {
        shown = printed(error)
      }
      for (let from = 0; from + 4 <= secret.length; from++) {
        const piece = secret.slice(from, from + 4)
        if (/[a-z]/i.test(piece) && shown.includes(piece))
          throw new Error(`${piece} of ${secret} in ${shown}`)
      }
    }),
    { numRuns: 5_000 },
  )
  t.pass()
})

test('what stands in for a raw character in a password is named', (t) => {
  for (const secret of ['p@ss', 'pa/ss', 'pa?ss']) {
    const error = t.throws(() => planIn({}, `postgres://u:7${secret}@192.0.2.1:x/d`)) as { hint?: string }
    t.regex(error.hint ?? '', /%2F.*%3F.*%40/)
  }
})

test('it is named, too, where the rest of a user or password was taken for something else', async (t) => {
  const run = async (dsn: string) => runPlan(planIn({}, dsn), networkOf({ names: {} }))
  for (const who of [
    'u:p@ss',
    'u:pa/ss',
    'u:pa?ss=',
    'u@corp',
    'u@corp:p',
    'u/v',
    'u/v:hunter',
    'u?v',
    'u?v:hunter',
  ]) {
    const error = await t.throwsAsync(run(`postgres://${who}@nowhere.example:5433/d`))
    t.regex((error as { hint?: string }).hint ?? '', /%2F.*%3F.*%40/, who)
    t.false(printed(error).includes('hunter'), who)
  }
  for (const dsn of [
    'u:p%40ss@nowhere.example/d',
    'nowhere.example/d?application_name=a:b@c',
    'nowhere.example',
  ]) {
    const error = await t.throwsAsync(run(`postgres://${dsn}`))
    t.notRegex((error as { hint?: string }).hint ?? '', /%40/, dsn)
  }
})

test('a DSN is trimmed, as one from a file ends with a line break', async (t) => {
  const plan = planIn({}, ' postgres://u:p@192.0.2.1/d\n')
  t.is(plan.database, 'd')
  t.is((await plan.ask(plan.hosts[0]!)).password, 'p')
})
