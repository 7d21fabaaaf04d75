import type { Views } from './codec.ts'

/** Kinds of completion records; crates/wire's record module describes each. */
export const Kind = {
  Rows: 1,
  Failed: 2,
  Shape: 3,
  ShapeReleased: 4,
  Notice: 5,
  Notification: 6,
  Parameter: 7,
  Ended: 8,
  Parameters: 9,
  Connected: 10,
  Done: 11,
  Gone: 12,
  Keys: 13,
} as const

/** Flags of rows and failures; the transaction status is the byte above them. */
export const LAST = 1
export const UTF16 = 2
export const STATUS_SHIFT = 8

/** The class a failure becomes. */
export const FailureClass = {
  Server: 0,
  Data: 1,
  Interface: 2,
  Lost: 3,
  Timeout: 4,
  Protocol: 5,
  Internal: 6,
  Connect: 7,
} as const

/** A field of a record: a letter's code and a text. */
export type Field = readonly [letter: number, text: string]

/** The fields of a record that begin at `offset` with their count. */
export function readFields(views: Views, offset: number): Field[] {
  const { u8 } = views
  const count = u8.readUInt32LE(offset)
  const fields: Field[] = []
  let at = offset + 4
  for (let i = 0; i < count; i++) {
    const length = u8.readUInt32LE(at + 4)
    fields.push([u8.readUInt32LE(at), u8.toString('utf8', at + 8, at + 8 + length)])
    at += 8 + length
  }
  return fields
}

/** Fields by their letter. */
export function byLetter(fields: readonly Field[]): { [letter: string]: string } {
  const found: { [letter: string]: string } = Object.create(null)
  for (const [letter, text] of fields) found[String.fromCharCode(letter)] = text
  return found
}
