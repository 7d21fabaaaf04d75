import test from 'ava'
import { type Case, caseOutcome, EVERYTHING, SERVICE } from './plan-case.ts'

const CASES: Case[] = [
  // One source alone.
  { title: 'the environment alone', env: EVERYTHING, expected: 'eu:ep@eh:11/ed' },
  { title: 'a service alone', options: { service: 's' }, service: SERVICE, expected: 'su:sp@sh:22/sd' },
  {
    title: 'options alone',
    options: { host: 'oh', port: 44, user: 'ou', password: 'op', database: 'od' },
    expected: 'ou:op@oh:44/od',
  },
  { title: 'the DSN as an option', options: { dsn: 'postgres://u@h/d' }, expected: 'u@h:5432/d' },
  // Each against the next.
  {
    title: 'a service beats the environment',
    options: { service: 's' },
    env: EVERYTHING,
    service: SERVICE,
    expected: 'su:sp@sh:22/sd',
  },
  {
    title: 'a DSN beats the environment',
    dsn: 'postgres://du:dp@dh:33/dd',
    env: EVERYTHING,
    expected: 'du:dp@dh:33/dd',
  },
  {
    title: 'a DSN beats its service',
    dsn: 'postgres://du:dp@dh:33/dd?service=s',
    service: SERVICE,
    env: EVERYTHING,
    expected: 'du:dp@dh:33/dd',
  },
  {
    title: 'options beat everything',
    dsn: 'postgres://du:dp@dh:33/dd?service=s',
    options: { host: 'oh', port: '44', user: 'ou', password: 'op', database: 'od' },
    service: SERVICE,
    env: EVERYTHING,
    expected: 'ou:op@oh:44/od',
  },
  // What one source leaves open comes from the next.
  { title: 'a DSN of a database only', dsn: 'postgres:///dd', env: EVERYTHING, expected: 'eu:ep@eh:11/dd' },
  {
    title: 'a DSN of a host only',
    dsn: 'postgres://dh',
    env: { PGPORT: '11', PGUSER: 'eu' },
    expected: 'eu@dh:11/eu',
  },
  {
    title: 'an empty user in the DSN',
    dsn: 'postgres://:dp@dh',
    env: EVERYTHING,
    expected: 'eu:dp@dh:11/ed',
  },
  {
    title: 'an empty password in the DSN',
    dsn: 'postgres://du:@dh',
    env: EVERYTHING,
    expected: 'du:ep@dh:11/ed',
  },
  {
    title: 'an empty database in the DSN',
    dsn: 'postgres://dh/',
    env: EVERYTHING,
    expected: 'eu:ep@dh:11/ed',
  },
  {
    title: 'an empty user as an option',
    dsn: 'postgres://du@dh/dd',
    options: { user: '' },
    expected: 'du@dh:5432/dd',
  },
  {
    title: 'an empty host as an option',
    dsn: 'postgres://du@dh:1/dd',
    options: { host: '' },
    expected: 'du@dh:1/dd',
  },
  {
    title: 'an empty list of hosts',
    dsn: 'postgres://du@dh:1/dd',
    options: { host: [] },
    expected: 'du@dh:1/dd',
  },
  {
    title: 'an empty password as an option is a password',
    dsn: 'postgres://du:dp@dh',
    options: { password: '' },
    expected: 'du:@dh:5432/du',
  },
  {
    title: 'an empty PGPASSWORD is a password',
    dsn: 'postgres://du@dh',
    env: { PGPASSWORD: '' },
    expected: 'du:@dh:5432/du',
  },
  {
    title: 'empty variables are none',
    dsn: 'postgres://dh',
    env: { PGUSER: '', PGDATABASE: '', PGPORT: '', PGHOST: '' },
    expected: 'me@dh:5432/me',
  },
  {
    title: 'a null option is none',
    dsn: 'postgres://du@dh/dd',
    options: { user: null as never, port: null as never },
    expected: 'du@dh:5432/dd',
  },
  {
    title: 'the database defaults to the user that was found',
    options: { host: 'h' },
    env: { PGUSER: 'eu' },
    expected: 'eu@h:5432/eu',
  },
  // Settings.
  {
    title: 'serverSettings',
    options: { host: 'h', serverSettings: { geqo: 'off' } },
    expected: 'me@h:5432/me?geqo=off',
  },
  {
    title: 'serverSettings beat the DSN one by one',
    dsn: 'postgres://h?param=sss&param=123&other=x',
    options: { serverSettings: { other: 'y', aa: 'bb' } },
    expected: 'me@h:5432/me?param=123&other=y&aa=bb',
  },
  {
    title: 'serverSettings beat the DSN whatever their case',
    dsn: 'postgres://h?TimeZone=x',
    options: { serverSettings: { timezone: 'y' } },
    expected: 'me@h:5432/me?timezone=y',
  },
  {
    title: 'PGAPPNAME, PGOPTIONS and PGTZ',
    dsn: 'postgres://h',
    env: { PGAPPNAME: 'a', PGOPTIONS: '-c x=y', PGTZ: 'UTC' },
    expected: 'me@h:5432/me?TimeZone=UTC&application_name=a&options=-c x=y',
  },
  {
    title: 'PGAPPNAME beats a fallback name',
    dsn: 'postgres://h?fallback_application_name=f',
    env: { PGAPPNAME: 'a' },
    expected: 'me@h:5432/me?application_name=a',
  },
  {
    title: 'the DSN beats PGAPPNAME',
    dsn: 'postgres://h?application_name=d',
    env: { PGAPPNAME: 'a' },
    expected: 'me@h:5432/me?application_name=d',
  },
  {
    title: 'a service beats PGAPPNAME',
    dsn: 'postgres://h?service=s',
    service: '[s]\napplication_name=s',
    env: { PGAPPNAME: 'a' },
    expected: 'me@h:5432/me?application_name=s',
  },
  {
    title: 'serverSettings beat PGAPPNAME and PGTZ',
    dsn: 'postgres://h',
    options: { serverSettings: { application_name: 'o', TimeZone: 'X' } },
    env: { PGAPPNAME: 'a', PGTZ: 'UTC' },
    expected: 'me@h:5432/me?TimeZone=X&application_name=o',
  },
  {
    title: 'PGDATESTYLE and PGCLIENTENCODING are not read',
    dsn: 'postgres://h',
    env: { PGDATESTYLE: 'German', PGCLIENTENCODING: 'LATIN1', PGGEQO: 'off' },
    expected: 'me@h:5432/me',
  },
  // Choosing a service.
  {
    title: 'PGSERVICE names a service',
    env: { PGSERVICE: 's' },
    service: SERVICE,
    expected: 'su:sp@sh:22/sd',
  },
  {
    title: 'the DSN names a service',
    dsn: 'postgres://?service=s',
    env: { PGSERVICE: 'none' },
    service: SERVICE,
    expected: 'su:sp@sh:22/sd',
  },
  {
    title: 'an option names a service',
    dsn: 'postgres://?service=none',
    options: { service: 's' },
    service: SERVICE,
    expected: 'su:sp@sh:22/sd',
  },
]

for (const one of CASES) {
  test(`${one.title} gives ${one.expected}`, async (t) => t.is(await caseOutcome(one), one.expected))
}
