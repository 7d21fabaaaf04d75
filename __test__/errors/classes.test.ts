import { execFile } from 'node:child_process'
import { inspect, promisify } from 'node:util'
import test from 'ava'
import * as exported from '../../src/errors/index.ts'
import {
  ClientConfigurationError,
  ConnectionDoesNotExistError,
  ConnectionFailureError,
  DataError,
  errors,
  FDWError,
  FeatureNotSupportedError,
  InFailedSQLTransactionError,
  IntegrityConstraintViolationError,
  InterfaceError,
  InternalClientError,
  InvalidCachedStatementError,
  InvalidCatalogNameError,
  NoAdditionalDynamicResultSetsReturned,
  NoData,
  OutdatedSchemaCacheError,
  PostgresConnectionError,
  PostgresError,
  type PostgresLogMessage,
  PostgresSyntaxError,
  PostgresWarning,
  ProtocolError,
  SyntaxOrAccessError,
  TargetServerAttributeNotMatched,
  TimeoutError,
  TransactionRollbackError,
  UniqueViolationError,
  UnknownPostgresError,
} from '../../src/errors/index.ts'

const run = promisify(execFile)

type ServerClass = (typeof PostgresError | typeof PostgresLogMessage) & { sqlstate: string }

const ownCode = Object.values(errors).filter((type) => Object.hasOwn(type, 'sqlstate')) as ServerClass[]
const withCode = ownCode.filter((type) => type.sqlstate !== undefined)

test('every SQLSTATE of PostgreSQL 15 to 18 has exactly one class', (t) => {
  const codes = new Set(withCode.map((type) => type.sqlstate))
  t.is(withCode.length, 262)
  t.is(codes.size, 262)
  for (const code of codes) t.regex(code, /^[0-9A-Z]{5}$/)
  // Removed in 17, added in 17, added in 18.
  for (const code of ['72000', '25P04', '58P03', '10608']) t.true(codes.has(code), code)
})

test('sections have as many classes as PostgreSQL lists for them', (t) => {
  const below = (base: abstract new (...args: never[]) => object) =>
    Object.values(errors).filter((type) => type.prototype instanceof base).length
  t.is(below(DataError), 67)
  t.is(below(IntegrityConstraintViolationError), 6)
  t.is(below(exported.InvalidTransactionStateError), 12)
  t.is(below(TransactionRollbackError), 4)
  t.is(below(SyntaxOrAccessError), 43)
  t.is(below(exported.InsufficientResourcesError), 4)
  t.is(below(exported.OperatorInterventionError), 6)
  t.is(below(FDWError), 26)
  t.is(below(exported.PLPGSQLError), 4)
  t.is(below(exported.InternalServerError), 2)
  t.is(below(PostgresWarning), 9)
})

test('names are the ones that asyncpg uses', (t) => {
  const names: [string, string][] = [
    ['08000', 'PostgresConnectionError'],
    ['08001', 'ClientCannotConnectError'],
    ['08004', 'ConnectionRejectionError'],
    ['08006', 'ConnectionFailureError'],
    ['08P01', 'ProtocolViolationError'],
    ['01004', 'StringDataRightTruncation'],
    ['22001', 'StringDataRightTruncationError'],
    ['22024', 'UnterminatedCStringError'],
    ['2200L', 'NotAnXmlDocumentError'],
    ['22031', 'InvalidArgumentForSQLJsonDatetimeFunctionError'],
    ['22P01', 'PostgresFloatingPointError'],
    ['25P02', 'InFailedSQLTransactionError'],
    ['2F002', 'ModifyingSQLDataNotPermittedError'],
    ['38002', 'ModifyingExternalRoutineSQLDataNotPermittedError'],
    ['38003', 'ProhibitedExternalRoutineSQLStatementAttemptedError'],
    ['38004', 'ReadingExternalRoutineSQLDataNotPermittedError'],
    ['39001', 'InvalidSqlstateReturnedError'],
    ['39004', 'NullValueInExternalRoutineNotAllowedError'],
    ['3D000', 'InvalidCatalogNameError'],
    ['40001', 'SerializationError'],
    ['42000', 'SyntaxOrAccessError'],
    ['42601', 'PostgresSyntaxError'],
    ['58000', 'PostgresSystemError'],
    ['58030', 'PostgresIOError'],
    ['HV00B', 'FDWInvalidHandleError'],
    ['P0000', 'PLPGSQLError'],
    ['P0001', 'RaiseError'],
    ['P0004', 'AssertError'],
    ['XX000', 'InternalServerError'],
  ]
  for (const [code, name] of names) t.is((errors[name] as unknown as ServerClass).sqlstate, code, name)
})

test('a code is derived from the first class of its section', (t) => {
  t.true(new UniqueViolationError('x') instanceof IntegrityConstraintViolationError)
  t.true(new UniqueViolationError('x') instanceof PostgresError)
  t.true(new InFailedSQLTransactionError('x') instanceof exported.InvalidTransactionStateError)
  t.true(new PostgresSyntaxError('x') instanceof SyntaxOrAccessError)
  t.true(new ConnectionFailureError('x') instanceof PostgresConnectionError)
  t.true(new InvalidCatalogNameError('x') instanceof PostgresError)
  t.true(new NoAdditionalDynamicResultSetsReturned('x') instanceof NoData)
  t.true(new NoData('x') instanceof PostgresWarning)
  t.false(new UniqueViolationError('x') instanceof SyntaxOrAccessError)
  t.is(Object.getPrototypeOf(exported.InvalidArgumentForXqueryError), PostgresError)
})

test('the class of a changed cached plan has the code of its base and none of its own', (t) => {
  t.is(Object.getPrototypeOf(InvalidCachedStatementError), FeatureNotSupportedError)
  t.false(Object.hasOwn(InvalidCachedStatementError, 'sqlstate'))
  t.is(InvalidCachedStatementError.sqlstate, '0A000')
  t.is(new InvalidCachedStatementError('x').sqlstate, '0A000')
})

test('every class is exported by its name and shows that name', (t) => {
  const named = exported as unknown as { [name: string]: unknown }
  t.true(Object.isFrozen(errors))
  for (const [name, type] of Object.entries(errors)) {
    t.is(type, named[name] as typeof type, name)
    t.is(type.prototype.name, name)
    t.false(Object.prototype.propertyIsEnumerable.call(type.prototype, 'name'), name)
  }
  const classes = Object.entries(named).filter(([, value]) => typeof value === 'function')
  t.deepEqual(classes.map(([name]) => name).sort(), Object.keys(errors).sort())
  t.is(errors.toString, undefined as never, 'no inherited name is taken for a class')
})

test("the library's own errors form the tree of the contract", (t) => {
  t.true(new ClientConfigurationError('x') instanceof InterfaceError)
  t.true(new TargetServerAttributeNotMatched('x') instanceof InterfaceError)
  t.true(new exported.UnsupportedClientFeatureError('x') instanceof InterfaceError)
  t.true(new exported.UnsupportedServerFeatureError('x') instanceof InterfaceError)
  t.true(new ProtocolError('x') instanceof InternalClientError)
  t.true(new OutdatedSchemaCacheError('x') instanceof InternalClientError)
  t.false(new InterfaceError('x') instanceof PostgresError)
  t.false(new InternalClientError('x') instanceof InterfaceError)
  t.true(new UnknownPostgresError('x') instanceof exported.FatalPostgresError)
  t.false((new PostgresWarning('x') as unknown) instanceof Error)
})

test('an interface error has detail, hint and cause, and a clean message', (t) => {
  const cause = new Error('ENOENT')
  const error = new ClientConfigurationError('"sslmode" is not valid: "on"', {
    detail: 'it came from the DSN',
    hint: 'use require',
    cause,
  })
  t.is(error.message, '"sslmode" is not valid: "on"')
  t.is(error.cause, cause)
  t.is(
    String(error),
    'ClientConfigurationError: "sslmode" is not valid: "on"\nDETAIL:  it came from the DSN\nHINT:  use require',
  )
  t.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: 'ClientConfigurationError',
    message: '"sslmode" is not valid: "on"',
    detail: 'it came from the DSN',
    hint: 'use require',
  })
  const bare = new InterfaceError('connection is closed')
  t.false('detail' in bare)
  t.false('cause' in bare)
  t.is(String(bare), 'InterfaceError: connection is closed')
})

test('a timeout is told by name, code and phase', (t) => {
  const error = new TimeoutError('connecting took longer than 100 ms', { phase: 'connect' })
  t.is(error.name, 'TimeoutError')
  t.is(error.code, 'ETIMEDOUT')
  t.is(error.phase, 'connect')
  t.is(new TimeoutError('x').phase, 'query')
  t.is(String(error), 'TimeoutError: connecting took longer than 100 ms')
})

test('a lost connection says whether the statement may have been executed', (t) => {
  t.false(new ConnectionDoesNotExistError('x').maybeExecuted)
  const error = new ConnectionDoesNotExistError('the connection was lost', { maybeExecuted: true })
  t.true(error.maybeExecuted)
  t.is(error.sqlstate, '08003')
  t.is(error.code, '08003')
})

test('a refused argument says which it was, and only when it is known', (t) => {
  const error = new DataError('$2: expected a number, got undefined (#7)', { argument: 2, element: 7 })
  t.is(error.argument, 2)
  t.is(error.element, 7)
  t.is(error.sqlstate, '22000')
  t.false('argument' in new DataError('x'))
  t.false('element' in new DataError('x', { argument: 1 }))
})

test('an outdated schema names type and attribute', (t) => {
  const error = new OutdatedSchemaCacheError('x', { schemaName: 'public', dataTypeName: 'pair', position: 1 })
  t.like(error, { schemaName: 'public', dataTypeName: 'pair', position: 1 })
})

test('the stack begins with name and message and shows where the error was made', (t) => {
  const [head, frame] = new UniqueViolationError('duplicate key').stack!.split('\n')
  t.is(head, 'UniqueViolationError: duplicate key')
  t.regex(frame!, /classes\.test\.ts/)
  t.true(inspect(new InterfaceError('closed')).startsWith('InterfaceError: closed\n'))
})

test('a class of an application derived from ours keeps what it inherits', (t) => {
  class AppError extends UniqueViolationError {}
  const error = new AppError('x')
  t.is(error.sqlstate, '23505')
  t.is(error.name, 'UniqueViolationError')
  t.true(error instanceof IntegrityConstraintViolationError)
})

test('isTransient tells what may go away by itself', (t) => {
  const transient = (sqlstate: string) => new PostgresError('x', { sqlstate }).isTransient
  const passing = ['40001', '40P01', '55P03', '53300', '57P01', '57P02', '57P03']
  const connection = ['08000', '08001', '08003', '08004', '08006', '08007', '08P01']
  for (const code of [...passing, ...connection]) t.true(transient(code), code)
  const codes = withCode.map((type) => type.sqlstate)
  for (const code of [...codes, '', '080061', '57P05', '5330', ' 40001']) {
    if (!passing.includes(code) && !code.startsWith('08')) t.false(transient(code), code)
  }
  for (const type of [ConnectionDoesNotExistError, ConnectionFailureError]) t.true(new type('x').isTransient)
})

test('a failure to connect is transient unless its reason stays', (t) => {
  const because = (code: string) =>
    new ConnectionFailureError('x', { cause: Object.assign(new Error('x'), { code }) })
  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'EAI_AGAIN', 'ENOENT']) {
    t.true(because(code).isTransient, code)
  }
  // No such name, and a TLS that was refused or is not trusted.
  for (const code of ['ENOTFOUND', 'EPROTO']) t.false(because(code).isTransient, code)
  t.false(new exported.InvalidPasswordError('x').isTransient)
  t.false(new exported.InvalidAuthorizationSpecificationError('x').isTransient)
  const several = (...errors: Error[]) =>
    new ConnectionFailureError('x', { cause: new AggregateError(errors) }).isTransient
  t.false(several(because('ENOTFOUND'), because('EPROTO'), new exported.InvalidPasswordError('x')))
  t.false(several(because('ENOTFOUND'), new TargetServerAttributeNotMatched('x')))
  t.true(several(because('ENOTFOUND'), because('ECONNREFUSED')))
  t.true(several(because('EPROTO'), new TimeoutError('x', { phase: 'connect' })))
  t.true(several(new exported.CannotConnectNowError('x'), because('ENOTFOUND')))
})

test('the committed classes are what the lists of PostgreSQL give', async (t) => {
  const { stdout } = await run(process.execPath, ['tools/generate-errors.mjs', '--check'])
  t.regex(stdout, /up to date/)
})
