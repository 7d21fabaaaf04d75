import test from 'ava'
import { ClientConfigurationError } from '../../src/errors/index.ts'
import { planIn, summary } from './world.ts'

const DEFAULT_HOSTS = (port = 5432) =>
  `/run/postgresql/.s.PGSQL.${port},/var/run/postgresql/.s.PGSQL.${port},/tmp/.s.PGSQL.${port},` +
  `/private/tmp/.s.PGSQL.${port},localhost:${port}`

/** What a DSN alone leads to. The user of the system is "me". */
const ACCEPTED: [dsn: string, expected: string][] = [
  // The parts, each there or not.
  ['postgresql://ann:pw@db.example:6000/shop', 'ann:pw@db.example:6000/shop'],
  ['postgres://ann:pw@db.example:6000/shop', 'ann:pw@db.example:6000/shop'],
  ['POSTGRESQL://ann@db.example/shop', 'ann@db.example:5432/shop'],
  ['PostGres://ann@db.example/shop', 'ann@db.example:5432/shop'],
  ['postgresql://ann@db.example:6000/shop', 'ann@db.example:6000/shop'],
  ['postgresql://ann@db.example/shop', 'ann@db.example:5432/shop'],
  ['postgresql://db.example:6000/shop', 'me@db.example:6000/shop'],
  ['postgresql://db.example/shop', 'me@db.example:5432/shop'],
  ['postgresql://ann@db.example:6000/', 'ann@db.example:6000/ann'],
  ['postgresql://ann@db.example:6000', 'ann@db.example:6000/ann'],
  ['postgresql://ann@db.example/', 'ann@db.example:5432/ann'],
  ['postgresql://ann@', `ann@${DEFAULT_HOSTS()}/ann`],
  ['postgresql://ann@/', `ann@${DEFAULT_HOSTS()}/ann`],
  ['postgresql://ann@/shop', `ann@${DEFAULT_HOSTS()}/shop`],
  ['postgresql://db.example:6000/', 'me@db.example:6000/me'],
  ['postgresql://db.example:6000', 'me@db.example:6000/me'],
  ['postgresql://db.example/', 'me@db.example:5432/me'],
  ['postgresql://db.example', 'me@db.example:5432/me'],
  ['postgresql://db.example?', 'me@db.example:5432/me'],
  ['postgresql://', `me@${DEFAULT_HOSTS()}/me`],
  ['postgres://', `me@${DEFAULT_HOSTS()}/me`],
  ['postgres:///', `me@${DEFAULT_HOSTS()}/me`],
  ['postgres:///shop', `me@${DEFAULT_HOSTS()}/shop`],
  ['postgres://?', `me@${DEFAULT_HOSTS()}/me`],
  // Empty parts count as not given.
  ['postgres://@db.example', 'me@db.example:5432/me'],
  ['postgres://:@db.example', 'me@db.example:5432/me'],
  ['postgres://ann:@db.example', 'ann@db.example:5432/ann'],
  ['postgres://:pw@db.example', 'me:pw@db.example:5432/me'],
  ['postgres://db.example:', 'me@db.example:5432/me'],
  ['postgres://db.example:/shop', 'me@db.example:5432/shop'],
  ['postgres://:6000/', `me@${DEFAULT_HOSTS(6000)}/me`],
  ['postgres://:6000/shop', `me@${DEFAULT_HOSTS(6000)}/shop`],
  ['postgres://ann:pw@:6000/shop', `ann:pw@${DEFAULT_HOSTS(6000)}/shop`],
  ['postgres://ann@:/shop', `ann@${DEFAULT_HOSTS()}/shop`],
  // The first "@" ends the user, the first ":" begins the password.
  ['postgres://ann:p:w@db.example', 'ann:p:w@db.example:5432/ann'],
  ['postgres://ann:p@w@db.example/shop', 'ann:p@w@db.example:5432/shop'],
  // Percent-encoding, decoded after splitting.
  ['postgres://%61nn@db%2eexample/sho%70', 'ann@db.example:5432/shop'],
  ['postgres://a%40n:p%40w%3Ax@h%40x,h%40y:543%33/d%2Fb', 'a@n:p@w:x@h@x:5432,h@y:5433/d/b'],
  ['postgres://%E2%82%AC:%C3%A9@h/%F0%9F%90%98', '€:é@h:5432/🐘'],
  ['postgres://ann:a+b@h+x/d+b', 'ann:a+b@h+x:5432/d+b'],
  ['postgres://ann:%25@h', 'ann:%@h:5432/ann'],
  ['postgres://ann:a%2Bb@h', 'ann:a+b@h:5432/ann'],
  ['postgres://ann:%20 %20@h', 'ann:   @h:5432/ann'],
  // "#" is an ordinary character.
  ['postgres://ann:p#w@h/d', 'ann:p#w@h:5432/d'],
  ['postgres://h/d#1', 'me@h:5432/d#1'],
  ['postgres://h/d?application_name=a#b', 'me@h:5432/d?application_name=a#b'],
  // A database may have slashes of its own.
  ['postgres://h/a/b', 'me@h:5432/a/b'],
  ['postgres://h//', 'me@h:5432//'],
  ['postgres://h/a?', 'me@h:5432/a'],
  // Several hosts.
  ['postgres://h1,h2', 'me@h1:5432,h2:5432/me'],
  ['postgres://ann@h1:1,h2:2/d', 'ann@h1:1,h2:2/d'],
  ['postgres://h1:1,h2,h3:3/d', 'me@h1:1,h2:5432,h3:3/d'],
  ['postgres://h1:,h2:2/d', 'me@h1:5432,h2:2/d'],
  ['postgres://h,h,h', 'me@h:5432,h:5432,h:5432/me'],
  // Blanks stand around hosts, ports and keys, as people write lists.
  ['postgres://h1:1, h2:2 ,\n  [::1] , [::2]:4 /d', 'me@h1:1,h2:2,::1:5432,::2:4/d'],
  ['postgres://ann@ h : 6000 /d', 'ann@h:6000/d'],
  ['postgres:// /d', `me@${DEFAULT_HOSTS()}/d`],
  ['postgres://h?user=ann&\n  application_name =app', 'ann@h:5432/ann?application_name=app'],
  ['postgres://%20h%20/d', 'me@ h :5432/d'],
  // IPv4 and IPv6.
  ['postgres://192.0.2.1:6000/d', 'me@192.0.2.1:6000/d'],
  ['postgres://[::1]/d', 'me@::1:5432/d'],
  ['postgres://[::1]', 'me@::1:5432/me'],
  ['postgres://[::1]:6000/d', 'me@::1:6000/d'],
  ['postgres://[::1]:/d', 'me@::1:5432/d'],
  ['postgres://ann:pw@[2001:db8::7]/', 'ann:pw@2001:db8::7:5432/ann'],
  ['postgres://[2001:db8::7]:1,[::1]:2/d', 'me@2001:db8::7:1,::1:2/d'],
  ['postgres://[2001:db8::7],h:2,[::1]/d', 'me@2001:db8::7:5432,h:2,::1:5432/d'],
  ['postgres://[fe80::1%25eth0]:1,[::1]/d', 'me@fe80::1%eth0:1,::1:5432/d'],
  ['postgres://[2001:db8:zz::7]/', 'me@2001:db8:zz::7:5432/me'],
  ['postgres://[::1]?user=ann', 'ann@::1:5432/ann'],
  // Sockets.
  ['postgres://%2Fvar%2Flib%2Fpg/d', 'me@/var/lib/pg/.s.PGSQL.5432/d'],
  ['postgres://%2Fvar%2Flib%2Fpg:7001/d', 'me@/var/lib/pg/.s.PGSQL.7001/d'],
  ['postgres://ann:pw@%2Ftmp,h:2/d', 'ann:pw@/tmp/.s.PGSQL.5432,h:2/d'],
  ['postgres://%2Ftmp%2F/d', 'me@/tmp/.s.PGSQL.5432/d'],
  ['postgres://%2F/d', 'me@//.s.PGSQL.5432/d'],
  ['postgres://?host=/run/pg', 'me@/run/pg/.s.PGSQL.5432/me'],
  ['postgres:///d?host=/run/pg&user=ann', 'ann@/run/pg/.s.PGSQL.5432/d'],
  ['postgres:///d?host=/run/.s.PGSQL.99', 'me@/run/.s.PGSQL.99/d'],
  ['postgres://ann@?port=6000&host=%2Ftmp', 'ann@/tmp/.s.PGSQL.6000/ann'],
  ['postgres://ann@/?host=/no/such/dir', 'ann@/no/such/dir/.s.PGSQL.5432/ann'],
  ['postgres://:6000/d?host=/run/pg', 'me@/run/pg/.s.PGSQL.6000/d'],
  ['postgres://:6000?host=/run/pg', 'me@/run/pg/.s.PGSQL.6000/me'],
  ['postgres://ann@:6000/d?host=/run/pg', 'ann@/run/pg/.s.PGSQL.6000/d'],
  ['postgres://%40abstract/d', 'me@@abstract/.s.PGSQL.5432/d'],
  ['postgres:///d?host=@abstract', 'me@@abstract/.s.PGSQL.5432/d'],
  ['postgres:///d?host=/cloudsql/pro:reg:inst&user=ann', 'ann@/cloudsql/pro:reg:inst/.s.PGSQL.5432/d'],
  [
    'postgres:///d?host=127.0.0.1:1,/cloudsql/pro:reg:inst,h:2',
    'me@127.0.0.1:1,/cloudsql/pro:reg:inst/.s.PGSQL.5432,h:2/d',
  ],
  // Lists in the query part.
  ['postgres:///d?host=h1:1,h2:2', 'me@h1:1,h2:2/d'],
  ['postgres:///d?host=h1,h2&port=7', 'me@h1:7,h2:7/d'],
  ['postgres:///d?host=h1,h2&port=7,8', 'me@h1:7,h2:8/d'],
  ['postgres:///d?port=7,8&host=h1,h2', 'me@h1:7,h2:8/d'],
  ['postgres:///d?host=h1:1,h2&port=7', 'me@h1:1,h2:7/d'],
  ['postgres:///d?host=h1,h2&port=7,', 'me@h1:7,h2:5432/d'],
  ['postgres:///d?host=[2001:db8::7],[::1]', 'me@2001:db8::7:5432,::1:5432/d'],
  ['postgres:///d?host=[2001:db8::7]:1,[::1]:2', 'me@2001:db8::7:1,::1:2/d'],
  ['postgres:///d?host=::1', 'me@::1:5432/d'],
  ['postgres:///d?host=h1:,h2', 'me@h1:5432,h2:5432/d'],
  ['postgres:///d?host=%20h1%20,+h2', 'me@h1:5432,h2:5432/d'],
  ['postgres://h1,h2/d?port=7', 'me@h1:7,h2:7/d'],
  ['postgres://h1:1,h2/d?port=7', 'me@h1:1,h2:7/d'],
  ['postgres:///d?port=7', `me@${DEFAULT_HOSTS(7)}/d`],
  // Authority and path win over the query part.
  ['postgres://h1/d?host=h2', 'me@h1:5432/d'],
  ['postgres://h1:1/d?host=h2:2&port=3', 'me@h1:1/d'],
  ['postgres://h1/d?host=h2:2&port=3', 'me@h1:3/d'],
  ['postgres://:1/d?port=3', `me@${DEFAULT_HOSTS(1)}/d`],
  ['postgres://ann:pw@h/d?user=bob&password=x&dbname=e', 'ann:pw@h:5432/d'],
  ['postgres://ann@h?password=x&dbname=e', 'ann:x@h:5432/e'],
  ['postgres://:pw@h?user=bob&password=x', 'bob:pw@h:5432/bob'],
  ['postgres://h/?dbname=e', 'me@h:5432/e'],
  ['postgres://h?database=e', 'me@h:5432/e'],
  ['postgres://h?dbname=e&database=f', 'me@h:5432/f'],
  ['postgres://h?database=f&dbname=e', 'me@h:5432/e'],
  // The query part: form decoding, the last of two wins, empty values are dropped.
  ['postgres://h?user=a+b', 'a b@h:5432/a b'],
  ['postgres://h?user=a%2Bb', 'a+b@h:5432/a+b'],
  ['postgres://h?user=a&user=b', 'b@h:5432/b'],
  ['postgres://h?user=a&user=', 'a@h:5432/a'],
  ['postgres://h?user=', 'me@h:5432/me'],
  ['postgres://h?us%65r=ann', 'ann@h:5432/ann'],
  ['postgres://h?user=ann&', 'ann@h:5432/ann'],
  ['postgres://h?port=543%33', 'me@h:5433/me'],
  ['postgres://h?port=+5433+', 'me@h:5433/me'],
  ['postgres://h?port=05433', 'me@h:5433/me'],
  ['postgres://h?user=a?b/c', 'a?b/c@h:5432/a?b/c'],
  ['postgres://h?unknown=', 'me@h:5432/me'],
  // Addresses instead of names.
  ['postgres://?hostaddr=192.0.2.1', 'me@192.0.2.1:5432/me'],
  ['postgres://db.example?hostaddr=192.0.2.1', 'me@db.example=192.0.2.1:5432/me'],
  ['postgres://h1,h2?hostaddr=192.0.2.1,::1', 'me@h1=192.0.2.1:5432,h2=::1:5432/me'],
  ['postgres://h1,h2?hostaddr=,::1', 'me@h1:5432,h2=::1:5432/me'],
  ['postgres://?hostaddr=192.0.2.1,192.0.2.2&port=1,2', 'me@192.0.2.1:1,192.0.2.2:2/me'],
  // Keys that are settings for the server.
  ['postgres://h?application_name=app', 'me@h:5432/me?application_name=app'],
  ['postgres://h?fallback_application_name=app', 'me@h:5432/me?application_name=app'],
  ['postgres://h?fallback_application_name=f&application_name=app', 'me@h:5432/me?application_name=app'],
  ['postgres://h?options=-c%20geqo%3Doff', 'me@h:5432/me?options=-c geqo=off'],
  ['postgres://h?search_path=a,b&geqo=off', 'me@h:5432/me?search_path=a,b&geqo=off'],
  ['postgres://h?geqo=on&geqo=off', 'me@h:5432/me?geqo=off'],
  ['postgres://h?GEQO=on&geqo=off', 'me@h:5432/me?geqo=off'],
  ['postgres://h?my.setting=x', 'me@h:5432/me?my.setting=x'],
  ['postgres://h?client_encoding=utf-8', 'me@h:5432/me'],
]

for (const [dsn, expected] of ACCEPTED) {
  test(`the DSN ${dsn} means ${expected.length > 100 ? `${expected.slice(0, 100)}…` : expected}`, async (t) => {
    t.is(await summary(planIn({}, dsn)), expected)
  })
}

/** What is refused, and what the message must say. */
const REFUSED: [dsn: string, message: RegExp][] = [
  ['pq://h', /invalid DSN.*scheme is "pq"/],
  ['postgre://h', /invalid DSN.*scheme is "postgre"/],
  ['http://h', /scheme is "http"/],
  ['postgresql:h', /invalid DSN.*no scheme/],
  ['postgresql:/h', /no scheme/],
  ['db.example', /no scheme/],
  ["'postgres://ann:pw@h/d'", /something stands before its scheme/],
  ['"postgresql://ann:pw@h/d"', /something stands before its scheme/],
  ['DATABASE_URL=postgres://ann:pw@h/d', /something stands before its scheme/],
  ['psql postgresql://ann:pw@h/d', /something stands before its scheme/],
  ['jdbc:postgresql://h/d', /something stands before its scheme/],
  ['', /invalid DSN: it is empty/],
  ['host=h dbname=d', /key=value/],
  ['  user = ann', /key=value/],
  ['postgres://[::1', /"\[" without a "\]"/],
  ['postgres://[]', /nothing between/],
  ['postgres://[::1]z', /no port/],
  ['postgres://[::1]6000', /no port/],
  ['postgres://h,[::1', /host 2 has a "\[" without/],
  ['postgres://::1/d', /more than one colon/],
  ['postgres://h:1:2/d', /more than one colon/],
  ['postgres://ann@:p@db.example:1', /more than one colon/],
  ['postgres://a,,b', /host 2 of 3 is empty/],
  ['postgres://a, ,b', /host 2 of 3 is empty/],
  ['postgres://a,', /host 2 of 2 is empty/],
  ['postgres://,a', /host 1 of 2 is empty/],
  ['postgres://:1,:2/d', /host 1 of 2 is empty/],
  ['postgres:///d?host=a,,b', /invalid host from the DSN: host 2 is empty/],
  ['postgres:///d?host=,', /host 1 is empty/],
  ['postgres:///d?host=:1', /port and no name/],
  ['postgres:///d?host=[::1', /"\[" without/],
  ['postgres:///d?host=[::1]x', /no port/],
  ['postgres:///d?host=a:1:2', /more than one colon/],
  ['postgres://h?zzz', /query parameter 1 has no "="/],
  ['postgres://h?sslmode', /query parameter "sslmode" has no "="/],
  ['postgres://h?a=1&zzz', /query parameter 2 has no "="/],
  ['postgres://h?a=1&&b=2', /query parameter 2 has no "="/],
  ['postgres://h?user=b=c', /query parameter "user" has a second "="/],
  ['postgres://h?=b', /query parameter 1 has no key/],
  ['postgres://%', /the host has a "%"/],
  ['postgres://%1', /the host has a "%"/],
  ['postgres://%zz', /the host has a "%"/],
  ['postgres://%zz:pw@h', /the user has a "%"/],
  ['postgres://ann:p%w@h', /the password has a "%"/],
  ['postgres://ann:%ff@h', /the password has a "%"/],
  ['postgres://h:%3/d', /the port has a "%"/],
  ['postgres://h/%d', /the database name has a "%"/],
  ['postgres://h?user=%XX', /query parameter "user" has a "%"/],
  ['postgres://h?%XX=a', /the key of query parameter 1/],
  ['postgres://[fe80::1%eth0]/d', /has a "%"/],
  ['postgres://a%00b', /the host contains a NUL/],
  ['postgres://ann:%00@h', /the password contains a NUL/],
  ['postgres://h/%00', /the database name contains a NUL/],
  ['postgres://h?a=%00', /query parameter 1 contains a NUL/],
  ['postgres://h\0', /NUL/],
  ['postgres://h:0/', /invalid port from the DSN: "0" is out of range/],
  ['postgres://h:65536/', /invalid port from the DSN: "65536" is out of range/],
  ['postgres://h:99999/', /invalid port from the DSN: "99999" is out of range/],
  ['postgres://h:http/', /invalid port from the DSN: it is not a port/],
  ['postgres://h:1e3/', /it is not a port/],
  ['postgres://h:-1/', /it is not a port/],
  ['postgres://h:1.5/', /it is not a port/],
  ['postgres://h?port=1,2', /could not match 2 port numbers to 1 host$/],
  ['postgres://a,b,c?port=1,2', /could not match 2 port numbers to 3 hosts/],
  ['postgres://?port=1,2', /could not match 2 port numbers to 1 host$/],
  ['postgres://a,b?hostaddr=::1', /could not match 1 address to 2 hosts/],
  ['postgres://h?hostaddr=nonsense', /invalid hostaddr from the DSN: "nonsense" is not an IP/],
  ['postgres://?hostaddr=,::1', /address 1 is empty/],
  ['postgres:///?host=/tmp&hostaddr=::1', /cannot have a hostaddr/],
  [`postgres:///?host=/${'x'.repeat(107)}`, /socket path has \d+ bytes, the limit is 107/],
  ['postgres://h?client_encoding=latin1', /invalid client_encoding from the DSN: "latin1"/],
  ['postgres://h?_pq_.x=1', /"_pq_.x" is not a server setting/],
  ['postgres://h?target_session_attrs=master', /"master" is none of any, primary/],
  ['postgres://h?load_balance_hosts=1', /invalid load_balance_hosts.*"1" is none of disable, random/],
  ['postgres://h?connect_timeout=soon', /invalid connect_timeout.*"soon" is not an integer/],
  ['postgres://h?connect_timeout=9999999999', /invalid connect_timeout.*out of range/],
  ['postgres://h?keepalives_idle=x', /invalid keepalives_idle/],
  ['postgres://h?tcp_user_timeout=1s', /invalid tcp_user_timeout/],
  ['postgres://h?channel_binding=maybe', /invalid channel_binding/],
  ['postgres://h?gsslib=krb', /invalid gsslib.*none of gssapi, sspi/],
  ['postgres://h?gssencmode=require', /invalid gssencmode.*"require"/],
  ['postgres://h?sslcompression=1', /invalid sslcompression.*"1"/],
  ['postgres://h?sslsni=yes', /invalid sslsni/],
  ['postgres://h?sslmode=on', /invalid sslmode.*"on" is none of disable, allow, prefer, require, verify-ca/],
  ['postgres://h?sslnegotiation=tls', /invalid sslnegotiation/],
  ['postgres://h?require_auth=scram', /invalid require_auth.*"scram" is none of/],
  ['postgres://h?max_protocol_version=3.1', /invalid max_protocol_version/],
  ['postgres://h?ssl_min_protocol_version=SSLv3', /"SSLv3" is unsupported/],
  ['postgres://h?ssl_min_protocol_version=TLSv9', /"TLSv9" is no such version/],
  ['postgres://h?ssl_max_protocol_version=TLSv1.1', /"TLSv1.1" is no longer supported/],
  ...[
    'authtype',
    'gssdelegation',
    'min_protocol_version',
    'oauth_client_id',
    'oauth_client_secret',
    'oauth_issuer',
    'oauth_scope',
    'replication',
    'requiressl',
    'scram_client_key',
    'scram_server_key',
    'ssl',
    'sslcertmode',
    'sslcrldir',
    'tty',
  ].map((key): [string, RegExp] => [
    `postgres://h?${key}=x`,
    new RegExp(`invalid ${key} from the DSN: this parameter is not supported`),
  ]),
]

for (const [dsn, message] of REFUSED) {
  test(`the DSN ${JSON.stringify(dsn.slice(0, 60))} is refused: ${message.source}`, (t) => {
    const error = t.throws(() => planIn({}, dsn), { instanceOf: ClientConfigurationError })
    t.regex(error!.message, message)
  })
}

test('ssl=true means sslmode=require, as in libpq', (t) => {
  t.is(planIn({}, 'postgres://h?ssl=true').tls.mode, 'require')
})

test('the remedy of an unencoded percent sign is in the hint', (t) => {
  const error = t.throws(() => planIn({}, 'postgres://ann:50%@h'), { instanceOf: ClientConfigurationError })
  t.is(error!.hint, 'write a percent sign as %25')
})

test('a DSN of a megabyte is read in linear time', (t) => {
  // The process's own time: a busy machine stretches the clock's.
  const before = process.cpuUsage()
  planIn({}, `postgres://h/${'x'.repeat(2000)}?${'a=&'.repeat(300_000)}a=`)
  t.true(process.cpuUsage(before).user < 2_000_000)
})
