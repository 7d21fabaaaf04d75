import test from 'ava'
import type { ConnectOptions } from '../../src/config/connect-options.ts'
import { ClientConfigurationError } from '../../src/errors/index.ts'
import { CERTIFICATE, HOME, KEY, NONE, ROOT, shape } from './tls-shape.ts'
import { planIn, type World } from './world.ts'

test('the contents of every file reach the attempt, its paths do not', (t) => {
  const world: World = {
    files: {
      '/ca': `${CERTIFICATE}ca`,
      '/crl': `${CERTIFICATE}crl`,
      '/cert': `${CERTIFICATE}cert`,
      '/key': `${KEY}key`,
    },
  }
  const plan = planIn(world, 'postgres://h?sslmode=verify-full', {
    sslrootcert: '/ca',
    sslcrl: '/crl',
    sslcert: '/cert',
    sslkey: '/key',
    sslpassword: 'pp',
    sslMinProtocolVersion: 'TLSv1.2',
    sslMaxProtocolVersion: 'TLSv1.3',
  })
  const { ca, crls, certificate, key, ...rest } = plan.tlsOptions(plan.hosts[0]!)
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes!).toString()
  t.is(text(ca![0]), `${CERTIFICATE}ca`)
  t.is(text(crls![0]), `${CERTIFICATE}crl`)
  t.is(text(certificate), `${CERTIFICATE}cert`)
  t.is(text(key), `${KEY}key`)
  t.deepEqual(rest, {
    verify: 'full',
    roots: 'given',
    sni: true,
    passphrase: 'pp',
    minVersion: '1.2',
    maxVersion: '1.3',
    serverName: 'h',
  })
})

test('a key may stand in the file of its certificate', (t) => {
  const plan = planIn({ files: { '/both': CERTIFICATE + KEY } }, 'postgres://h?sslcert=/both')
  const { certificate, key, passphrase } = plan.tlsOptions(plan.hosts[0]!)
  t.deepEqual(certificate, key)
  t.is(passphrase, '')
})

test('TlsOptions are used as given, with their own name and nothing from files or variables', (t) => {
  const world: World = {
    env: { PGSSLROOTCERT: '/no', PGSSLCERT: '/no', PGSSLKEY: '/no', PGSSLCRL: '/no', SSLKEYLOGFILE: '/log' },
    files: { [`${HOME}/postgresql.crt`]: CERTIFICATE, [`${HOME}/postgresql.key`]: KEY },
  }
  const plan = planIn(world, 'postgres://h', {
    ssl: {
      ca: [CERTIFICATE, Buffer.from([0x30, 1])],
      cert: CERTIFICATE + KEY,
      passphrase: 'pp',
      crl: CERTIFICATE,
      servername: 'other',
      minVersion: 'TLSv1.3',
    },
  })
  const { ca, crls, certificate, key, ...rest } = plan.tlsOptions(plan.hosts[0]!)
  t.is(ca!.length, 2)
  t.is(crls!.length, 1)
  t.deepEqual(certificate, key)
  t.deepEqual(rest, {
    verify: 'full',
    roots: 'given',
    sni: true,
    passphrase: 'pp',
    minVersion: '1.3',
    serverName: 'other',
  })
})

test('ssl: true takes a root file only from the call itself', (t) => {
  const files = { '/ca': CERTIFICATE }
  t.is(
    shape({ files, env: { PGSSLROOTCERT: '/ca' } }, 'postgres://h', { ssl: true }),
    'verify-full require full system',
  )
  t.is(shape({ files }, 'postgres://h?sslrootcert=/ca', { ssl: true }), 'verify-full require full given')
})

test('revocation lists go along only where there are roots to check them against', (t) => {
  const files = { [`${HOME}/root.crl`]: CERTIFICATE }
  const without = planIn({ files }, 'postgres://h?sslmode=require')
  t.is(without.tlsOptions(without.hosts[0]!).crls, undefined)
  const plan = planIn({ files: { ...files, ...ROOT.files } }, 'postgres://h?sslmode=require')
  t.is(plan.tlsOptions(plan.hosts[0]!).crls?.length, 1)
})

test('the name to verify is the host as written, without the zone of an address', (t) => {
  const name = (dsn: string) => {
    const plan = planIn(NONE, dsn)
    return plan.tlsOptions(plan.hosts[0]!).serverName
  }
  t.is(name('postgres://Db.Example'), 'Db.Example')
  t.is(name('postgres://192.0.2.1'), '192.0.2.1')
  t.is(name('postgres://[fe80::1%25eth0]'), 'fe80::1')
  t.is(name('postgres://h?hostaddr=192.0.2.1'), 'h')
  t.is(name('postgres://?hostaddr=192.0.2.1'), '192.0.2.1')
})

test('sslsni=0 keeps the name out of the handshake', (t) => {
  const plan = planIn(NONE, 'postgres://h?sslsni=0')
  t.false(plan.tlsOptions(plan.hosts[0]!).sni)
})

test('a key log is written on request only, and the variable counts for modes only', (t) => {
  const log = (dsn: string, options?: ConnectOptions, env: World['env'] = {}) => {
    const plan = planIn({ env }, dsn, options)
    return plan.tlsOptions(plan.hosts[0]!).keyLogFile
  }
  t.is(log('postgres://h'), undefined)
  t.is(log('postgres://h?sslkeylogfile=/log'), '/log')
  t.is(log('postgres://h', {}, { SSLKEYLOGFILE: '/log' }), '/log')
  t.is(log('postgres://h', { ssl: true }, { SSLKEYLOGFILE: '/log' }), undefined)
  t.is(log('postgres://h', { ssl: {} }, { SSLKEYLOGFILE: '/log' }), undefined)
  t.is(log('postgres://h?sslkeylogfile=/log', { ssl: true }), '/log')
})

test('TLS versions: below 1.2 a minimum is raised, names have no case', (t) => {
  const versions = (query: string) => {
    const plan = planIn(NONE, `postgres://h?${query}`)
    const { minVersion, maxVersion } = plan.tlsOptions(plan.hosts[0]!)
    return [minVersion, maxVersion]
  }
  t.deepEqual(versions(''), [undefined, undefined])
  t.deepEqual(versions('ssl_min_protocol_version=TLSv1'), ['1.2', undefined])
  t.deepEqual(versions('ssl_min_protocol_version=TLSv1.1'), ['1.2', undefined])
  t.deepEqual(versions('ssl_min_protocol_version=tlsv1.3&ssl_max_protocol_version=TLSV1.3'), ['1.3', '1.3'])
})

test('in a mixed list TLS belongs to the TCP hosts alone', (t) => {
  const plan = planIn(ROOT, 'postgres:///?host=/tmp,h&sslmode=verify-full')
  t.deepEqual(
    plan.hosts.map((host) => plan.attempts(host)),
    [['disable'], ['require']],
  )
  const answers = { password: undefined, oauthToken: undefined }
  const socket = plan.attempt(plan.hosts[0]!, { tls: 'disable', answers, types: 0 })
  t.is(socket.socketPath, '/tmp/.s.PGSQL.5432')
  t.is(socket.tlsOptions, undefined)
  t.is(socket.keepalive, undefined)
})

test('default files that the system or Node’s permissions hide count as absent', (t) => {
  for (const code of ['EACCES', 'EPERM', 'ENOTDIR', 'ERR_ACCESS_DENIED']) {
    const names = ['postgresql.crt', 'postgresql.key', 'root.crt', 'root.crl']
    const files = Object.fromEntries(names.map((name) => [`${HOME}/${name}`, { code }]))
    for (const sslmode of ['prefer', 'require']) {
      const dsn = `postgres://h?sslmode=${sslmode}`
      t.is(shape({ files }, dsn), shape({}, dsn), code)
    }
  }
})

test('on Windows the default files are below APPDATA', (t) => {
  const world: World = {
    platform: 'win32',
    env: { APPDATA: 'C:\\Users\\me\\AppData' },
    files: { 'C:\\Users\\me\\AppData\\postgresql\\root.crt': CERTIFICATE },
  }
  t.is(shape(world, 'postgres://h?sslmode=verify-full'), 'verify-full require full given')
})

const ANSWERS = { password: undefined, oauthToken: undefined }

test('a key file that others may read is refused, one of root by its own rule', (t) => {
  const rows: [mode: number, owner: number, isFine: boolean][] = [
    [0o600, 1000, true],
    [0o400, 1000, true],
    [0o640, 1000, false],
    [0o604, 1000, false],
    [0o610, 1000, false],
    [0o640, 0, true],
    [0o600, 0, true],
    [0o660, 0, false],
    [0o644, 0, false],
  ]
  for (const [mode, owner, isFine] of rows) {
    for (const path of ['/k', '/home/me/.postgresql/postgresql.key']) {
      const dsn =
        path === '/k' ? 'postgres://h?sslmode=require&sslcert=/c&sslkey=/k' : 'postgres://h?sslcert=/c'
      const world = { files: { '/c': 'certificate', [path]: { text: 'key', mode, owner } } }
      const title = `${mode.toString(8)} of ${owner}`
      if (isFine) t.notThrows(() => planIn(world, dsn), title)
      else {
        const error = t.throws(() => planIn(world, dsn), { instanceOf: ClientConfigurationError }, title)
        t.regex(
          error.message,
          new RegExp(`"${path}" may be read by others: its mode is 0${mode.toString(8)}`),
        )
        t.regex(error.hint ?? '', /chmod 0600/)
      }
      if (path === '/k') t.notThrows(() => planIn({ ...world, platform: 'win32' }, dsn), title)
    }
  }
})

test('a stray default revocation list does not count where the roots are the system’s', (t) => {
  const world = { files: { '/home/me/.postgresql/root.crl': 'list', '/list': 'list' } }
  const crls = (dsn: string, options: object) => {
    const plan = planIn(world, dsn, options)
    const attempt = plan.attempt(plan.hosts[0]!, {
      tls: 'require',
      answers: ANSWERS,
      types: 0,
      address: '192.0.2.1',
    })
    return attempt.tlsOptions?.crls?.length ?? 0
  }
  t.is(crls('postgres://h', { ssl: true }), 0)
  t.is(crls('postgres://h?sslrootcert=system', {}), 0)
  t.is(crls('postgres://h?sslcrl=/list', { ssl: true }), 1)
})
