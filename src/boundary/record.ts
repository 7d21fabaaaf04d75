import type { Views } from './codec.ts'

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
