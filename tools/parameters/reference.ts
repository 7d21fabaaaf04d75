import { OPTION_PARAMETERS } from '../../src/config/option-parameters.ts'
import { PARAMETERS } from '../../src/config/parameters.ts'
import {
  OTHER_VARIABLES,
  REFUSED_PARAMETERS,
  REFUSED_VARIABLES,
} from '../../src/config/refused-parameters.ts'

/** What a differential run against libpq's own parser leaves, each on purpose. */
const DIFFERENCES: readonly string[] = [
  'What stands in the authority and the path (user, password, hosts, ports, database) wins over the same key in the query part; in libpq the query part wins.',
  'The authority ends at the first `/` or `?`; libpq looks for the `@` beyond a `?`. Write `?` in a password as `%3F`.',
  'In the query part `+` is a blank.',
  'A port that stands with a host beats a plain `port`, and `?host=` takes hosts with ports; libpq keeps two lists.',
  'An empty host in a list (`a,,b`) is an error; in libpq it is the default host.',
  'Percent-encoded text must be UTF-8.',
  'Blanks around a part are dropped, as in libpq 18, but those of a password belong to it. Blanks within are kept; libpq 18 refuses them.',
  'A key that is no parameter is a setting for the server; in libpq it is an error.',
  'An IPv6 address needs brackets in the authority, as in libpq; in `?host=`, service files and `PGHOST` it may stand without.',
  'A `hostaddr` from a lower source than the hosts is ignored: one left in the environment does not divert a DSN.',
]

/** The text of `docs/reference/parameters.md`. */
export function parametersReference(): string {
  return [
    '<!-- Written by tools/generate-parameters.mjs from src/config: change the tables there, not this file. -->',
    '# Connection parameters',
    '',
    'Every parameter has the value of the first of these sources that gives one:',
    '',
    '1. the option, a member of the object given to `connect`',
    '2. the DSN: the key in its query part, or its own place in `postgresql://user:password@host:port/dbname`',
    '3. the section of the service file that `service` names, with the same keys',
    '4. the environment variable',
    '5. the default',
    '',
    'Only the value that counts is checked. What is wrong with it is a `ClientConfigurationError`, before any',
    'socket is opened. An empty text counts as not given, except a password given as an option, in a service',
    'file or in `PGPASSWORD`.',
    '',
    'Durations of options are milliseconds. Those of keys and variables are what libpq has: seconds for',
    '`connect_timeout` and the keepalives, milliseconds for `tcp_user_timeout`.',
    '',
    '## Parameters of every source',
    '',
    table(
      ['Key', 'Option', 'Variable', 'Default', 'Meaning'],
      PARAMETERS.map(({ name, alias, option, variable, initial, choices, notInServiceFile, doc }) => [
        [name, ...(alias === undefined ? [] : [alias])].map(code).join(', '),
        option === undefined ? '' : code(option),
        variable === undefined ? '' : code(variable),
        initial,
        [
          doc,
          ...(choices === undefined ? [] : [`Values: ${choices.map(code).join(', ')}.`]),
          ...(notInServiceFile ? ['Not in a service file.'] : []),
        ].join(' '),
      ]),
    ),
    '',
    'Any other key of a DSN is a setting for the server, as in `?search_path=app`. Any other key of a service',
    'file is an error.',
    '',
    '## Where a DSN differs from libpq',
    '',
    ...DIFFERENCES.map((difference) => `- ${difference}`),
    '',
    '## Options without a key',
    '',
    table(
      ['Option', 'Default', 'Meaning'],
      OPTION_PARAMETERS.map(({ option, initial, doc }) => [code(option), initial, doc]),
    ),
    '',
    '## Other variables',
    '',
    table(
      ['Variable', 'Meaning'],
      OTHER_VARIABLES.map(({ name, doc }) => [code(name), doc]),
    ),
    '',
    'Not read: `PGCLIENTENCODING`, `PGDATESTYLE`, `PGGEQO`, `PGGSSDELEGATION` and `PGSSLCOMPRESSION`.',
    '',
    '## Refused by name',
    '',
    'libpq knows these keys and this driver does not. They are an error, and never go to the server as settings.',
    '',
    table(
      ['Key', 'Instead'],
      REFUSED_PARAMETERS.map(({ name, remedy }) => [code(name), sentence(remedy)]),
    ),
    '',
    'These variables demand safety that cannot be given. They are an error unless they ask for nothing.',
    '',
    table(
      ['Variable', 'Harmless', 'Instead'],
      REFUSED_VARIABLES.map(({ name, harmless, remedy }) => [
        code(name),
        ['empty', ...harmless.map(code)].join(', '),
        sentence(remedy),
      ]),
    ),
    '',
  ].join('\n')
}

const code = (text: string): string => `\`${text}\``

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
