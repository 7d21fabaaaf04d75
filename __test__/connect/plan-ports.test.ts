import test from 'ava'
import { type Case, caseOutcome, EVERYTHING, SERVICE } from './plan-case.ts'

const CASES: Case[] = [
  {
    title: 'PGHOST takes a list with ports',
    dsn: 'postgres:///d',
    env: { PGHOST: 'a:1,b:2' },
    expected: 'me@a:1,b:2/d',
  },
  { title: 'PGHOST takes brackets', env: { PGHOST: '[::1]:1,[::2]' }, expected: 'me@::1:1,::2:5432/me' },
  {
    title: 'PGHOST takes a bare IPv6 address',
    env: { PGHOST: 'fe80::1%eth0' },
    expected: 'me@fe80::1%eth0:5432/me',
  },
  { title: 'PGPORT takes a list', env: { PGHOST: 'a,b', PGPORT: '1,2' }, expected: 'me@a:1,b:2/me' },
  {
    title: 'a list as an option',
    dsn: 'postgres:///d',
    options: { host: ['a', 'b'] },
    expected: 'me@a:5432,b:5432/d',
  },
  {
    title: 'a list as an option with one port',
    options: { host: ['a', 'b'], port: 9 },
    expected: 'me@a:9,b:9/me',
  },
  {
    title: 'a list as an option with its ports',
    options: { host: ['a', 'b'], port: [8, '9'] },
    expected: 'me@a:8,b:9/me',
  },
  { title: 'ports as text', options: { host: ['a', 'b'], port: '8,9' }, expected: 'me@a:8,b:9/me' },
  { title: 'a host option is taken as it stands', options: { host: 'a:1' }, expected: 'me@a:1:5432/me' },
  {
    title: 'entries of a host list are taken as they stand',
    options: { host: ['a:1', 'b,c'] },
    expected: 'me@a:1:5432,b,c:5432/me',
  },
  {
    title: 'a socket directory as an option',
    options: { host: '/run/pg', port: 7 },
    expected: 'me@/run/pg/.s.PGSQL.7/me',
  },
  {
    title: 'a socket file as an option',
    options: { host: '/run/.s.PGSQL.99', port: 7 },
    expected: 'me@/run/.s.PGSQL.99/me',
  },
  {
    title: 'a host option drops the ports of the DSN',
    dsn: 'postgres://dh:5555/',
    options: { host: 'oh' },
    expected: 'me@oh:5432/me',
  },
  {
    title: 'a host option drops a bare port of the DSN',
    dsn: 'postgres://:5555/',
    options: { host: 'oh' },
    expected: 'me@oh:5432/me',
  },
  {
    title: 'a host option goes with PGPORT',
    dsn: 'postgres://dh:5555/',
    options: { host: 'oh' },
    env: { PGPORT: '11' },
    expected: 'me@oh:11/me',
  },
  {
    title: 'a host option goes with a plain port of the DSN',
    dsn: 'postgres://dh/?port=33',
    options: { host: 'oh' },
    expected: 'me@oh:33/me',
  },
  {
    title: 'the port option beats the ports of hosts',
    dsn: 'postgres://a:1,b:2/',
    options: { port: 9 },
    expected: 'me@a:9,b:9/me',
  },
  { title: 'the port option alone', options: { port: 9, host: 'h' }, expected: 'me@h:9/me' },
  {
    title: "a host's port beats PGPORT",
    dsn: 'postgres://a:1,b/',
    env: { PGPORT: '11' },
    expected: 'me@a:1,b:11/me',
  },
  {
    title: 'PGPORT gives the matching element',
    dsn: 'postgres://a:1,b/',
    env: { PGPORT: '11,12' },
    expected: 'me@a:1,b:12/me',
  },
  {
    title: 'a mismatched PGPORT does not matter where every host has a port',
    dsn: 'postgres://a:1,b:2/',
    env: { PGPORT: '1,2,3' },
    expected: 'me@a:1,b:2/me',
  },
  {
    title: 'a plain port of the DSN beats the ports of PGHOST',
    dsn: 'postgres:///?port=33',
    env: { PGHOST: 'a:1,b' },
    expected: 'me@a:33,b:33/me',
  },
  {
    title: "a bare port of the DSN beats a service's",
    dsn: 'postgres://:33/?service=s',
    service: '[s]\nhost=sh:22',
    expected: 'me@sh:33/me',
  },
  {
    title: "a service's plain port does not beat a host's of the DSN",
    dsn: 'postgres://dh:33/?service=s',
    service: SERVICE,
    expected: 'su:sp@dh:33/sd',
  },
  {
    title: "a service's plain port goes with a DSN's host that has none",
    dsn: 'postgres://dh/?service=s',
    service: SERVICE,
    expected: 'su:sp@dh:22/sd',
  },
  {
    title: "a service's host list has ports",
    options: { service: 's' },
    service: '[s]\nhost=a:1,b\nport=22',
    expected: 'me@a:1,b:22/me',
  },
  {
    title: "a service's host beats PGHOST, with PGPORT",
    options: { service: 's' },
    service: '[s]\nhost=sh',
    env: EVERYTHING,
    expected: 'eu:ep@sh:11/ed',
  },
  // Addresses.
  { title: 'PGHOSTADDR alone', env: { PGHOSTADDR: '192.0.2.1' }, expected: 'me@192.0.2.1:5432/me' },
  {
    title: 'PGHOSTADDR with PGHOST',
    env: { PGHOSTADDR: '192.0.2.1', PGHOST: 'eh' },
    expected: 'me@eh=192.0.2.1:5432/me',
  },
  {
    title: 'PGHOSTADDR does not divert the host of a DSN',
    dsn: 'postgres://dh',
    env: { PGHOSTADDR: '192.0.2.1' },
    expected: 'me@dh:5432/me',
  },
  {
    title: 'the hostaddr of a DSN goes with PGHOST',
    dsn: 'postgres://?hostaddr=192.0.2.1',
    env: { PGHOST: 'eh' },
    expected: 'me@eh=192.0.2.1:5432/me',
  },
  {
    title: 'the hostaddr of a DSN does not divert a host option',
    dsn: 'postgres://dh?hostaddr=192.0.2.1',
    options: { host: 'oh' },
    expected: 'me@oh:5432/me',
  },
]

for (const one of CASES) {
  test(`${one.title} gives ${one.expected}`, async (t) => t.is(await caseOutcome(one), one.expected))
}
