import { shown } from '../call-options.ts'
import { InterfaceError } from '../errors/index.ts'
import type { CopyFormat, CopyToOptions } from './options.ts'

/** `COPY (query) TO STDOUT`. A comment at the query's end does not reach what is behind it. */
export function queryToStdout(query: string, options: CopyFormat): string {
  return `COPY (${query}\n) TO STDOUT${withClause(formatOptions(options))}`
}

export function tableToStdout(
  table: string,
  options: CopyFormat & { columns?: readonly string[] | undefined; schema?: string | undefined },
): string {
  return `COPY ${target(table, options)} TO STDOUT${withClause(formatOptions(options))}`
}

export function tableFromStdin(table: string, options: CopyToOptions): string {
  const given = [
    ...formatOptions(options),
    ...flag('FREEZE', options.freeze, 'freeze'),
    ...columnOption('FORCE_NOT_NULL', options.forceNotNull, 'forceNotNull'),
    ...columnOption('FORCE_NULL', options.forceNull, 'forceNull'),
  ]
  return `COPY ${target(table, options)} FROM STDIN${withClause(given)}${whereClause(options.where)}`
}

interface Target {
  readonly columns?: readonly string[] | undefined
  readonly schema?: string | undefined
  readonly where?: string | undefined
}

export function recordsFromStdin(table: string, options: Target, format: 'text' | 'binary'): string {
  return `COPY ${target(table, options)} FROM STDIN WITH (FORMAT ${format})${whereClause(options.where)}`
}

/** What tells the types of the columns, without reading a row. */
export function columnsOf(table: string, { columns, schema }: Target): string {
  const names = checkNames(columns, 'columns')
  const list = names.length === 0 ? '*' : names.map((name) => quoteName(name, 'columns')).join(', ')
  return `SELECT ${list} FROM ${relation(table, schema)} LIMIT 1`
}

function target(table: string, { columns, schema }: Target): string {
  const names = checkNames(columns, 'columns')
  const list = names.length === 0 ? '' : ` (${names.map((name) => quoteName(name, 'columns')).join(', ')})`
  return `${relation(table, schema)}${list}`
}

function relation(table: string, schema: string | undefined): string {
  const name = quoteName(table, 'table')
  return schema === undefined ? name : `${quoteName(schema, 'schema')}.${name}`
}

/** A name as it is, whatever letters it has. */
function quoteName(name: unknown, what: string): string {
  if (typeof name !== 'string') {
    throw new InterfaceError(`invalid ${what}: expected a name, got ${shown(name)}`)
  }
  if (name === '') throw new InterfaceError(`invalid ${what}: a name cannot be empty`)
  return `"${name.replaceAll('"', '""')}"`
}

function checkNames(names: unknown, what: string): readonly string[] {
  if (names === undefined || names === null) return []
  // A hole is no name, and is to be met as one.
  if (Array.isArray(names)) return Array.from(names)
  throw new InterfaceError(`invalid ${what}: expected an array of names, got ${shown(names)}`)
}

const FORMATS: ReadonlySet<unknown> = new Set(['text', 'csv', 'binary'])

function formatOptions(options: CopyFormat): string[] {
  const { format, header } = options
  if (format !== undefined && !FORMATS.has(format)) {
    throw new InterfaceError(`invalid format: expected 'text', 'csv' or 'binary', got ${shown(format)}`)
  }
  return [
    ...(format === undefined ? [] : [`FORMAT ${format}`]),
    ...flag('OIDS', options.oids, 'oids'),
    ...text('DELIMITER', options.delimiter, 'delimiter'),
    ...text('NULL', options.null, 'null'),
    ...(header === 'match' ? ['HEADER match'] : flag('HEADER', header, 'header')),
    ...text('QUOTE', options.quote, 'quote'),
    ...text('ESCAPE', options.escape, 'escape'),
    ...columnOption('FORCE_QUOTE', options.forceQuote, 'forceQuote'),
    ...text('ENCODING', options.encoding, 'encoding'),
  ]
}

function withClause(options: readonly string[]): string {
  return options.length === 0 ? '' : ` WITH (${options.join(', ')})`
}

function flag(name: string, value: unknown, option: string): string[] {
  if (value === undefined) return []
  if (typeof value === 'boolean') return [`${name} ${value}`]
  throw new InterfaceError(`invalid ${option}: expected a boolean, got ${shown(value)}`)
}

function text(name: string, value: unknown, option: string): string[] {
  if (value === undefined) return []
  if (typeof value === 'string') return [`${name} ${quoteText(value)}`]
  throw new InterfaceError(`invalid ${option}: expected a string, got ${shown(value)}`)
}

/** A literal that is the same whatever `standard_conforming_strings` is. */
function quoteText(value: string): string {
  const quoted = `'${value.replaceAll("'", "''")}'`
  return quoted.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}

/** Columns that something is to be done with: all of them, or a list. */
function columnOption(name: string, value: unknown, option: string): string[] {
  if (value === undefined || value === false) return []
  if (value === true) return [`${name} *`]
  const names = checkNames(value, option)
  return names.length === 0 ? [] : [`${name} (${names.map((name) => quoteName(name, option)).join(', ')})`]
}

function whereClause(where: unknown): string {
  if (where === undefined) return ''
  if (typeof where === 'string') return ` WHERE ${where}`
  throw new InterfaceError(`invalid where: expected SQL as a string, got ${shown(where)}`)
}
