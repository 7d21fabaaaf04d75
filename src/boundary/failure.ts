import { getSystemErrorName } from 'node:util'
import type { AttemptPhase, AttemptReport, FailureKind } from '../errors/attempt-failure.ts'
import { serverError } from '../errors/from-server.ts'
import {
  ConnectionDoesNotExistError,
  DataError,
  InterfaceError,
  InternalClientError,
  OutdatedSchemaCacheError,
  ProtocolError,
  TimeoutError,
  UnsupportedClientFeatureError,
} from '../errors/index.ts'
import { withQuery } from '../errors/with-query.ts'
import { AttemptField, FailureClass, Letter } from './generated.ts'
import { byLetter, type Field } from './record.ts'

/** The error of a failed call. `ended` is why its session ended, if it has; `args` are what it was called with. */
export function failure(
  kind: number,
  fields: readonly Field[],
  sql: string | undefined,
  ended: Error | undefined,
  args?: readonly unknown[],
): Error {
  const error = failureOf(kind, fields, sql, ended, args)
  return sql === undefined ? error : withQuery(error, sql)
}

/** The server ended the session while the call was under way: it says too whether the call may have been executed. */
const SHUTDOWN = /^57P0[123]$/

function failureOf(
  kind: number,
  fields: readonly Field[],
  sql: string | undefined,
  ended: Error | undefined,
  args: readonly unknown[] | undefined,
): Error {
  const found = byLetter(fields)
  const { [Letter.Hint]: hint, [Letter.MaybeExecuted]: maybeExecuted } = found
  const message = found[Letter.Message] ?? 'the driver failed without a message'
  switch (kind) {
    case FailureClass.Server: {
      const error = Object.assign(serverError(found, sql), elementOf(found))
      return SHUTDOWN.test(error.sqlstate)
        ? Object.assign(error, { maybeExecuted: maybeExecuted !== '0' })
        : error
    }
    case FailureClass.Data:
      return new DataError(message, {
        sqlstate: found[Letter.Sqlstate] ?? '22000',
        hint,
        ...refused(found[Letter.Argument], args),
        ...elementOf(found),
      })
    case FailureClass.Interface:
      return new InterfaceError(message, hint === undefined ? {} : { hint })
    case FailureClass.Unsupported:
      return new UnsupportedClientFeatureError(message, hint === undefined ? {} : { hint })
    case FailureClass.Lost:
      return new ConnectionDoesNotExistError(message, {
        maybeExecuted: maybeExecuted === '1',
        ...(ended === undefined ? {} : { cause: ended }),
      })
    case FailureClass.Timeout:
      return new TimeoutError(message, {
        phase: found[Letter.Phase] ?? 'query',
        ...(maybeExecuted === undefined ? {} : { maybeExecuted: maybeExecuted === '1' }),
      })
    case FailureClass.Protocol:
      return new ProtocolError(message, hint === undefined ? {} : { hint })
    case FailureClass.Outdated:
      return new OutdatedSchemaCacheError(message, {
        schemaName: found[Letter.Schema] ?? '',
        dataTypeName: found[Letter.DataType] ?? '',
        position: Number(found[Letter.Attribute]),
      })
    default:
      return new InternalClientError(message)
  }
}

/** What the driver calls a type that is not built in, of which it knows the OID and nothing else. */
const UNNAMED = /\bthe type with OID (\d+)/
const MESSAGE = Letter.Message.charCodeAt(0)

/** The type that a refusal speaks of by its OID. */
export function unnamedType(fields: readonly Field[]): number | undefined {
  const found = UNNAMED.exec(byLetter(fields)[Letter.Message] ?? '')
  return found === null ? undefined : Number(found[1])
}

export function withTypeName(fields: readonly Field[], name: string | undefined): readonly Field[] {
  if (name === undefined) return fields
  const message = byLetter(fields)[Letter.Message] ?? ''
  return withMessage(
    fields,
    message.replace(UNNAMED, () => name),
  )
}

/** The fields with another message. */
export function withMessage(fields: readonly Field[], message: string): readonly Field[] {
  return fields.map(([letter, text]) => [letter, letter === MESSAGE ? message : text])
}

/** Which argument was refused, where it is one. */
function refused(place: string | undefined, args: readonly unknown[] | undefined): object {
  if (place === undefined) return {}
  const argument = Number(place)
  return args === undefined ? { argument } : { argument, value: args[argument - 1] }
}

/** The set of arguments that a call for many failed with. */
function elementOf({ [Letter.Element]: element }: { [letter: string]: string }): { element?: number } {
  return element === undefined ? {} : { element: Number(element) }
}

/** Why a session ended, as the cause of the errors that follow from it. */
export function endOf(kind: number, fields: readonly Field[]): Error {
  const found = byLetter(fields)
  const message = found[Letter.Message] ?? 'connection was closed'
  switch (kind) {
    case FailureClass.Server:
      return serverError(found)
    case FailureClass.Protocol:
      return new ProtocolError(message)
    case FailureClass.Lost: {
      const error = new Error(message)
      return found[Letter.OsError] === undefined
        ? error
        : Object.assign(error, systemError(Number(found[Letter.OsError])))
    }
    case FailureClass.Interface:
      return new InterfaceError(message)
    default:
      return new InternalClientError(message)
  }
}

/** A failed attempt's fields; those of the driver have numbers below every letter. */
export function attemptReport(fields: readonly Field[]): AttemptReport {
  const own = new Map(fields.filter(([letter]) => letter < 32))
  const server = fields.filter(([letter]) => letter >= 32)
  const hint = own.get(AttemptField.Hint)
  const osError = own.get(AttemptField.OsError)
  const option = own.get(AttemptField.Option)
  return {
    // The binding's own words: crates/driver's Phase and FailureKind.
    phase: (own.get(AttemptField.Phase) ?? 'connect') as AttemptPhase,
    kind: (own.get(AttemptField.Kind) ?? 'io') as FailureKind,
    message: own.get(AttemptField.Message) ?? 'the attempt to connect failed',
    authenticated: own.get(AttemptField.Authenticated) === '1',
    encrypted: own.get(AttemptField.Encrypted) === '1',
    ...(hint === undefined ? {} : { hint }),
    ...(osError === undefined ? {} : { osError: Number(osError) }),
    ...(option === undefined ? {} : { option }),
    ...(server.length === 0 ? {} : { fields: byLetter(server) }),
  }
}

/** Node's name for a system's error number. */
export function systemError(osError: number): { code?: string; errno?: number } {
  try {
    return { code: getSystemErrorName(-osError), errno: -osError }
  } catch {
    return { errno: -osError }
  }
}
