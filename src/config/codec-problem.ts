import { kindOf, quote } from './origin.ts'

/** What is wrong with a codec, in words behind its name; `undefined` for nothing. */
export function codecProblem(codec: unknown): string | undefined {
  if (typeof codec !== 'object' || codec === null) return `must be an object, not ${kindOf(codec)}`
  const { type, schema, format, takesLists, encode, decode } = codec as { [member: string]: unknown }
  if (typeof type !== 'string' || type === '') return 'has no type'
  if (schema !== undefined && typeof schema !== 'string') return 'has a schema that is no string'
  if (format !== undefined && format !== 'text' && format !== 'binary' && format !== 'tuple') {
    return `has the format ${quote(format)}, which is none of text, binary, tuple`
  }
  if (takesLists !== undefined && typeof takesLists !== 'boolean')
    return 'has a takesLists that is no boolean'
  if (typeof encode !== 'function') return 'has no function encode'
  if (typeof decode !== 'function') return 'has no function decode'
  return undefined
}
