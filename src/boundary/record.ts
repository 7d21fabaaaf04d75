import type { Views } from './chunk.ts'
import type { Column, Form } from './column.ts'
import { type Custom, customByNumber } from './custom.ts'
import { Codec } from './generated.ts'
import { Shape } from './shape.ts'

/** Where the words of records are, counted from a record's start; crates/wire's record module tells what they mean. */
export const Word = {
  Kind: 0,
  Size: 1,
  Rows: {
    Request: 2,
    Shape: 3,
    Count: 4,
    Flags: 5,
    CellBytes: 6,
    ArrayBytes: 7,
    TextBytes: 8,
    ByteBytes: 9,
    TagBytes: 10,
    /** The cells begin here. */
    End: 12,
  },
  Failed: { Request: 2, Flags: 3, Class: 4, Fields: 5 },
  Described: { Request: 2, Flags: 3, Shape: 4, Count: 5, NameLength: 6, Types: 7 },
  Connected: { Request: 2, Pid: 4, Flags: 5, Fields: 6 },
  Done: { Request: 2, Status: 3 },
  Times: { Request: 2, Sent: 3, Answered: 4, Complete: 5 },
  Data: { Request: 2, Messages: 3, Length: 4, Bytes: 5 },
  CopyRoom: { Request: 2, Bytes: 3 },
  Shape: { Shape: 2, Count: 3, Stride: 4, Columns: 5 },
  ShapeReleased: { Shape: 2 },
  Keys: { Shape: 2, Column: 3, List: 4, Fields: 5 },
  ArgumentsWanted: { Request: 2, Count: 3, Types: 4 },
  FieldForm: { Shape: 2, Number: 3, Form: 4 },
  Parameters: { Query: 2, Session: 3, Count: 4, Types: 5 },
  Notice: { Session: 2, Request: 3, Fields: 4 },
  Notification: { Session: 2, Pid: 3, Fields: 4 },
  Parameter: { Session: 2, Fields: 3 },
  Ended: { Session: 2, Class: 3, Fields: 4 },
  Gone: { Session: 2, Class: 3 },
} as const

/** Bytes of a column's description behind its form. */
const ColumnByte = {
  TypeOid: 0,
  Slot: 4,
  TableOid: 8,
  TableColumn: 12,
  TypeSize: 16,
  TypeModifier: 20,
  NameLength: 24,
  Name: 28,
} as const

/** Bytes of a field's start: its letter and the length of its text. */
const FieldByte = { Letter: 0, Length: 4, Text: 8 } as const

/** Bytes of a text that are read; what a message of hundreds of megabytes says more has no string to be in. */
const LONGEST_TEXT = 16 * 1024 * 1024

/** A field of a record: a letter's code and a text. */
export type Field = readonly [letter: number, text: string]

/** The fields of a record that begin with their count at a word. */
export function readFields(views: Views, word: number): Field[] {
  const { u8 } = views
  const count = u8.readUInt32LE(word * 4)
  const fields: Field[] = []
  let at = word * 4 + 4
  for (let i = 0; i < count; i++) {
    const start = at + FieldByte.Text
    const end = start + u8.readUInt32LE(at + FieldByte.Length)
    fields.push([u8.readUInt32LE(at + FieldByte.Letter), readText(u8, start, end)])
    at = end
  }
  return fields
}

/** UTF-8 text as a string; of one that is very long, its beginning and how long it is. */
export function readText(bytes: Buffer, start: number, end: number): string {
  if (end - start <= LONGEST_TEXT) return bytes.toString('utf8', start, end)
  let cut = start + LONGEST_TEXT
  // The cut is not within a character.
  while (((bytes[cut] as number) & 0xc0) === 0x80) cut--
  return `${bytes.toString('utf8', start, cut)} … (cut, it has ${end - start} bytes)`
}

/** Fields by their letter. */
export function byLetter(fields: readonly Field[]): { [letter: string]: string } {
  const found: { [letter: string]: string } = Object.create(null)
  for (const [letter, text] of fields) found[String.fromCharCode(letter)] = text
  return found
}

/** A form: its codec, how many parts it has, and them, an attribute behind its name. */
function readForm(bytes: Buffer, cursor: { at: number }, fields: readonly Form[]): Form {
  const codec = bytes.readUInt32LE(cursor.at) as Codec
  const count = bytes.readUInt32LE(cursor.at + 4)
  cursor.at += 8
  const isCustom = codec === Codec.Custom || codec === Codec.CustomTuple || codec === Codec.CustomInText
  let custom: Custom | undefined
  if (isCustom) {
    custom = customByNumber(bytes.readUInt32LE(cursor.at))
    cursor.at += 4
  }
  const parts: Form[] = []
  const names: string[] = []
  for (let i = 0; i < count; i++) {
    if (codec === Codec.Composite || codec === Codec.CustomTuple) {
      const start = cursor.at + 4
      cursor.at = start + bytes.readUInt32LE(cursor.at)
      names.push(readText(bytes, start, cursor.at))
    }
    parts.push(readForm(bytes, cursor, fields))
  }
  return { codec, parts, names, fields, custom, make: undefined }
}

/** The form of fields whose types come with their rows. */
export function readFieldForm(views: Views, word: number, fields: readonly Form[]): Form {
  return readForm(views.u8, { at: (word + Word.FieldForm.Form) * 4 }, fields)
}

/** The shape that a record describes. */
export function readShape(views: Views, word: number): Shape {
  const { u8, i32 } = views
  const count = i32[word + Word.Shape.Count] as number
  const columns: Column[] = []
  const fields: Form[] = []
  const cursor = { at: (word + Word.Shape.Columns) * 4 }
  for (let index = 0; index < count; index++) {
    const form = readForm(u8, cursor, fields)
    const { at } = cursor
    const start = at + ColumnByte.Name
    const end = start + u8.readUInt32LE(at + ColumnByte.NameLength)
    columns.push({
      index,
      form,
      typeOid: u8.readUInt32LE(at + ColumnByte.TypeOid),
      slot: u8.readUInt32LE(at + ColumnByte.Slot),
      tableOid: u8.readUInt32LE(at + ColumnByte.TableOid),
      tableColumn: u8.readInt32LE(at + ColumnByte.TableColumn),
      typeSize: u8.readInt32LE(at + ColumnByte.TypeSize),
      typeModifier: u8.readInt32LE(at + ColumnByte.TypeModifier),
      name: readText(u8, start, end),
    })
    cursor.at = end
  }
  return new Shape(columns, i32[word + Word.Shape.Stride] as number, fields)
}
