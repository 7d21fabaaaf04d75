import type { Attributes } from '@opentelemetry/api'
import type { TracedOperation, TraceMessage } from '../tracing.ts'
import { readQueryText } from './query-text.ts'

/** The name and the attributes of an operation, and its text apart from them. */
export function describe(
  operation: TracedOperation,
  { attributes: given }: TraceMessage,
): { name: string; attributes: Attributes; text: string | undefined } {
  const { 'db.query.text': text, 'db.operation.batch.size': size, ...rest } = given
  const attributes: Attributes = { ...rest }
  const { summary: found = '', procedure } = text === undefined ? {} : readQueryText(text)
  const { 'db.collection.name': collection } = attributes
  // A table's name is the collection's, which is as the program has written it.
  let summary = collection === undefined ? found : `COPY ${collection}`
  if (procedure !== undefined) attributes['db.stored_procedure.name'] = procedure
  // A batch of one is none, by the conventions.
  if (operation === 'batch' && size !== 1) {
    if (size !== undefined) attributes['db.operation.batch.size'] = size
    if (summary !== '') summary = `BATCH ${summary}`
  }
  if (operation === 'prepare') attributes['db.operation.name'] = 'PREPARE'
  if (summary !== '') attributes['db.query.summary'] = summary
  return { name: nameOf(operation, attributes, summary), attributes, text }
}

function nameOf(operation: TracedOperation, attributes: Attributes, summary: string): string {
  if (operation === 'prepare') return summary === '' ? 'PREPARE' : `PREPARE ${summary}`
  if (summary !== '') return summary
  const verb = attributes['db.operation.name'] ?? (operation === 'query' ? undefined : operation)
  const target = attributes['db.namespace'] ?? attributes['db.client.connection.pool.name']
  const name = [verb, target].filter((part) => part !== undefined).join(' ')
  return name === '' ? 'postgresql' : name
}

/** Why an operation has failed: its SQLSTATE, else the name of what was thrown, which may be anything. */
export function describeError(error: unknown): Attributes {
  try {
    const { sqlstate, name } = Object(error) as { sqlstate?: unknown; name?: unknown }
    if (typeof sqlstate === 'string') return { 'error.type': sqlstate, 'db.response.status_code': sqlstate }
    if (typeof name === 'string' && name !== '') return { 'error.type': name }
  } catch {
    // Its own code has thrown.
  }
  return { 'error.type': '_OTHER' }
}
