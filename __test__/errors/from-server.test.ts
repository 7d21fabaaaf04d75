import { inspect } from 'node:util'
import test from 'ava'
import * as fc from 'fast-check'
import { serverError, serverMessage } from '../../src/errors/from-server.ts'
import {
  DataError,
  DeprecatedFeature,
  FeatureNotSupportedError,
  IntegrityConstraintViolationError,
  InvalidCachedStatementError,
  NoData,
  PostgresError,
  PostgresLogMessage,
  PostgresSyntaxError,
  PostgresWarning,
  UniqueViolationError,
  UnknownPostgresError,
} from '../../src/errors/index.ts'

const duplicate = {
  S: 'FEHLER',
  V: 'ERROR',
  C: '23505',
  M: 'doppelter Schlüsselwert',
  D: 'Schlüssel »(id)=(1)« existiert bereits.',
  s: 'public',
  t: 'users',
  n: 'users_pkey',
  F: 'nbtinsert.c',
  L: '666',
  R: '_bt_check_unique',
}

test('an ErrorResponse becomes its class with every field in its place', (t) => {
  const error = serverError(duplicate, 'insert into users values (1)')
  t.true(error instanceof UniqueViolationError)
  t.is(error.constructor, UniqueViolationError)
  t.like(error, {
    name: 'UniqueViolationError',
    message: 'doppelter Schlüsselwert',
    severity: 'FEHLER',
    severityEn: 'ERROR',
    sqlstate: '23505',
    code: '23505',
    detail: 'Schlüssel »(id)=(1)« existiert bereits.',
    schemaName: 'public',
    tableName: 'users',
    constraintName: 'users_pkey',
    serverSourceFilename: 'nbtinsert.c',
    serverSourceLine: '666',
    serverSourceFunction: '_bt_check_unique',
    query: 'insert into users values (1)',
  })
  for (const absent of [
    'hint',
    'position',
    'internalPosition',
    'internalQuery',
    'context',
    'columnName',
    'cause',
  ]) {
    t.false(absent in error, absent)
  }
})

test('every letter of the protocol has its property', (t) => {
  const error = serverError({
    S: 'ERROR',
    V: 'ERROR',
    C: '22012',
    M: 'm',
    D: 'd',
    H: 'h',
    P: '15',
    p: '3',
    q: 'select 1/0',
    W: 'w',
    s: 's',
    t: 't',
    c: 'c',
    d: 'dt',
    n: 'n',
    F: 'f.c',
    L: '1',
    R: 'r',
    Z: 'from a server to come',
  })
  t.deepEqual(error.toJSON(), {
    name: 'DivisionByZeroError',
    message: 'm',
    severity: 'ERROR',
    severityEn: 'ERROR',
    sqlstate: '22012',
    detail: 'd',
    hint: 'h',
    position: 15,
    internalPosition: 3,
    internalQuery: 'select 1/0',
    context: 'w',
    schemaName: 's',
    tableName: 't',
    columnName: 'c',
    dataTypeName: 'dt',
    constraintName: 'n',
    serverSourceFilename: 'f.c',
    serverSourceLine: '1',
    serverSourceFunction: 'r',
  })
})

test('detail and hint stand below the message in toString, not in message', (t) => {
  const error = serverError({
    S: 'ERROR',
    C: '42601',
    M: 'syntax error',
    D: 'near "x"',
    H: 'remove it',
    P: '8',
  })
  t.true(error instanceof PostgresSyntaxError)
  t.is(error.message, 'syntax error')
  t.is(String(error), 'PostgresSyntaxError: syntax error\nDETAIL:  near "x"\nHINT:  remove it')
  t.is(String(serverError({ C: '42601', M: 'syntax error' })), 'PostgresSyntaxError: syntax error')
})

test('the statement is there to read and never printed', (t) => {
  const error = serverError({ C: '42601', M: 'syntax error' }, "alter role app password 'canary'")
  t.is(error.query, "alter role app password 'canary'")
  t.notRegex(inspect(error, { depth: 20 }), /canary/)
  t.notRegex(JSON.stringify(error), /canary/)
  t.notRegex(String(error), /canary/)
  const notice = serverMessage({ C: '00000', M: 'noted' }, "alter role app password 'canary'")
  t.is(notice.query, "alter role app password 'canary'")
  t.notRegex(inspect(notice) + JSON.stringify(notice) + String(notice), /canary/)
})

test('an unknown code becomes the class of its section and keeps its code', (t) => {
  const error = serverError({ C: '23999', M: 'm' })
  t.is(error.constructor, IntegrityConstraintViolationError)
  t.is(error.sqlstate, '23999')
  t.is(serverError({ C: '22P07', M: 'm' }).constructor, DataError)
  t.is(serverError({ C: '10001', M: 'm' }).name, 'InvalidArgumentForXqueryError')
})

test('a code of no section becomes UnknownPostgresError', (t) => {
  for (const code of ['QQ123', '', '2', '__proto__', 'constructor']) {
    const error = serverError({ C: code, M: 'm' })
    t.is(error.constructor, UnknownPostgresError)
    t.is(error.sqlstate, code)
  }
  t.is(serverError({ M: 'm' }).sqlstate, '')
})

test("a warning's code raised as an error is an error", (t) => {
  for (const code of ['01000', '02000', '0100C', '00000']) {
    const error = serverError({ S: 'ERROR', C: code, M: 'm' })
    t.true(error instanceof Error)
    t.is(error.constructor, UnknownPostgresError)
    t.is(error.sqlstate, code)
  }
})

test('a changed cached plan is told by the server function, not by the text', (t) => {
  const error = serverError({ C: '0A000', M: 'irgendein Text', R: 'RevalidateCachedQuery' })
  t.is(error.constructor, InvalidCachedStatementError)
  t.true(error instanceof FeatureNotSupportedError)
  const other = serverError({ C: '0A000', M: 'cached plan must not change result type', R: 'transformStmt' })
  t.is(other.constructor, FeatureNotSupportedError)
  t.is(serverError({ C: '42601', M: 'm', R: 'RevalidateCachedQuery' }).constructor, PostgresSyntaxError)
})

test('a position that is no number is left out', (t) => {
  for (const bad of ['', '0', '-1', '1e3', '0x10', ' 7', '7.5', 'NaN', '9'.repeat(40)]) {
    const error = serverError({ C: '42601', M: 'm', P: bad, p: bad })
    t.false('position' in error, bad)
    t.false('internalPosition' in error, bad)
  }
  t.is(serverError({ C: '42601', M: 'm', P: '2147483647' }).position, 2147483647)
})

test('a message of 100 KiB and no message at all both work', (t) => {
  const long = 'é'.repeat(100 * 1024)
  t.is(serverError({ C: 'P0001', M: long }).message, long)
  t.is(serverError({ C: 'P0001' }).message, 'the server reported an error without a message')
  t.is(serverError({ C: 'P0001', M: '' }).message, 'the server reported an error without a message')
  t.is(serverError({}).severity, 'ERROR')
})

test('a notice becomes a message object that nobody can change', (t) => {
  const notice = serverMessage(
    { S: 'NOTICE', V: 'NOTICE', C: '00000', M: 'relation exists, skipping', D: 'd' },
    'create …',
  )
  t.is(notice.constructor, PostgresLogMessage)
  t.like(notice, {
    severity: 'NOTICE',
    sqlstate: '00000',
    message: 'relation exists, skipping',
    query: 'create …',
  })
  t.false('hint' in notice)
  t.throws(() => Object.assign(notice, { message: 'other' }), { instanceOf: TypeError })
  t.is(String(notice), 'NOTICE: relation exists, skipping\nDETAIL:  d')
  t.deepEqual(JSON.parse(JSON.stringify(notice)), {
    name: 'PostgresLogMessage',
    message: 'relation exists, skipping',
    severity: 'NOTICE',
    severityEn: 'NOTICE',
    sqlstate: '00000',
    detail: 'd',
  })
})

test('the class of a notice goes by code, then by severity', (t) => {
  const of = (C: string, S: string, V?: string) =>
    serverMessage({ C, S, M: 'm', ...(V === undefined ? {} : { V }) }).constructor
  t.is(of('01P01', 'WARNING'), DeprecatedFeature)
  t.is(of('01000', 'WARNING'), PostgresWarning)
  t.is(of('01999', 'NOTICE'), PostgresWarning)
  t.is(of('02000', 'NOTICE'), NoData)
  t.is(of('00000', 'WARNING'), PostgresWarning)
  t.is(of('00000', 'WARNUNG', 'WARNING'), PostgresWarning)
  t.is(of('QQ000', 'LOG'), PostgresLogMessage)
  t.is(of('23999', 'NOTICE'), PostgresLogMessage)
})

test("an error's code attached to a warning gives the error's class as the message", (t) => {
  const message = serverMessage({ S: 'WARNING', C: '23505', M: 'm' })
  t.true(message instanceof UniqueViolationError)
  t.is(message.severity, 'WARNING')
  t.true(Object.isFrozen(message))
})

test('whatever a server sends, the error is an error and the code is kept', (t) => {
  const letters = fc.dictionary(fc.string({ maxLength: 2 }), fc.string(), { noNullPrototype: false })
  t.notThrows(() =>
    fc.assert(
      fc.property(letters, fc.string({ maxLength: 6 }), (fields, code) => {
        const all = { ...fields, C: code }
        const error = serverError(all)
        const message = serverMessage(all)
        return (
          error instanceof PostgresError &&
          error.sqlstate === code &&
          typeof String(error) === 'string' &&
          typeof JSON.stringify(error) === 'string' &&
          typeof JSON.stringify(message) === 'string' &&
          (message instanceof PostgresLogMessage || message instanceof PostgresError)
        )
      }),
      { numRuns: 2000 },
    ),
  )
})
