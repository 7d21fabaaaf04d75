import type { Session } from './session.ts'
import { builtinOid, placeOf } from './type-codecs.ts'
import type { CodecInfo } from './types/connection-settings.ts'

/**
 * How values of a type pass on a session; `undefined` for a type that it does not know, and when it has ended. Throws for
 * what names none.
 */
export function codecInfo(session: Session, type: unknown, schema: unknown): CodecInfo | undefined {
  const { bridge, number, typing } = session
  const { codecs, catalog } = typing
  const place = placeOf(type, schema)
  // Its number may be another session's by now.
  if (session.unusable() !== undefined) return undefined
  // The catalog's name of an array.
  const name = place.type.endsWith('[]') ? `_${place.type.slice(0, -2)}` : place.type
  const known = `${place.schema}.${place.type}`
  const own = [...codecs.byType.values()].find((custom) => custom.name === known)
  const oid =
    builtinOid(bridge, { ...place, type: name }) ??
    own?.typeOid ??
    bridge.databaseOid(number, place.schema, name)
  if (oid === undefined) return undefined
  const custom = codecs.byType.get(oid)
  const info = catalog.get(oid)
  if (custom !== undefined) return Object.freeze({ type: info, format: custom.format, origin: 'custom' })
  const reading = bridge.typeReading(number, oid, codecs)
  if (reading === undefined) return undefined
  const origin = reading === 'unread' ? 'fallback' : info.kind === 'scalar' ? 'builtin' : 'derived'
  return Object.freeze({ type: info, format: reading === 'binary' ? 'binary' : 'text', origin })
}
