// Written by tools/generate-boundary.mjs from the Rust sources: change those, not this file.

/** What the binary must have as its `VERSION` too. */
export const VERSION = '0.1.0'

/** What a request of a submission asks for: `mod operation` of crates/node/src/submission.rs. */
export const Operation = {
  Call: 1,
  Define: 2,
  Forget: 3,
  Abandon: 4,
  Close: 5,
  Terminate: 6,
  DropStatements: 7,
  Notices: 8,
  DefineOwn: 9,
  LetGo: 10,
  Taken: 11,
  CopyData: 12,
  CopyRecords: 13,
  CopyDone: 14,
  CopyFailed: 15,
  Sets: 16,
  ForgetTypes: 17,
  Arguments: 18,
  SetCodecs: 19,
  Comment: 20,
} as const
export type Operation = (typeof Operation)[keyof typeof Operation]

/** What a call is: `mod ask` of crates/node/src/submission.rs. */
export const Ask = {
  Statement: 0,
  Script: 1,
  Prepare: 2,
  Unprepare: 3,
  Open: 4,
  Fetch: 5,
  ClosePortal: 6,
  CopyIn: 7,
  Many: 8,
  Opening: 9,
  Reserve: 10,
} as const
export type Ask = (typeof Ask)[keyof typeof Ask]

/** What is behind argument sets: `mod sets_end` of crates/node/src/submission.rs. */
export const SetsEnd = {
  Open: 0,
  Complete: 1,
  Failed: 2,
} as const
export type SetsEnd = (typeof SetsEnd)[keyof typeof SetsEnd]

/** How values of a type with a codec of the program's travel: `mod exchange` of crates/node/src/submission.rs. */
export const Exchange = {
  Text: 0,
  Binary: 1,
  Tuple: 2,
  Alias: 3,
  AliasInText: 4,
} as const
export type Exchange = (typeof Exchange)[keyof typeof Exchange]

/** Flags of a call: `mod flag` of crates/node/src/submission.rs. */
export const CallFlag = {
  Rows: 2,
  Tag: 4,
  Signal: 8,
  Data: 16,
  Timed: 32,
  Typed: 64,
  Plain: 128,
  SentAnyway: 256,
} as const
export type CallFlag = (typeof CallFlag)[keyof typeof CallFlag]

/** How the records of a COPY are written: `mod layout` of crates/node/src/submission.rs. */
export const CopyLayout = {
  Text: 0,
  Binary: 1,
} as const
export type CopyLayout = (typeof CopyLayout)[keyof typeof CopyLayout]

/** Types that may be written in binary, by their OIDs: `mod binary_type` of crates/wire/src/copy_records.rs. */
export const BinaryType = {
  Bool: 16,
  Bytea: 17,
  Int8: 20,
  Int2: 21,
  Int4: 23,
  Text: 25,
  Oid: 26,
  Json: 114,
  Float4: 700,
  Float8: 701,
  Bpchar: 1042,
  Varchar: 1043,
  Timestamp: 1114,
  Timestamptz: 1184,
  Uuid: 2950,
  Jsonb: 3802,
} as const
export type BinaryType = (typeof BinaryType)[keyof typeof BinaryType]

/** Kinds of arguments: `mod tag` of crates/wire/src/param/arg.rs. */
export const Tag = {
  Null: 0,
  False: 1,
  True: 2,
  Int32: 3,
  Float64: 4,
  Int64: 5,
  BigInt: 6,
  Text: 7,
  Bytes: 8,
  Date: 9,
  Json: 10,
  Object: 11,
  Array: 12,
  Refused: 13,
  Spelled: 14,
  Fields: 15,
  Row: 16,
  Wire: 17,
  NoJson: 18,
  Range: 19,
} as const
export type Tag = (typeof Tag)[keyof typeof Tag]

/** What stands in place of the length of the JSON of an array or a spelled value: `mod as_json` of crates/wire/src/param/arg.rs. */
export const AsJson = {
  None: 4294967295,
  Refused: 4294967294,
} as const
export type AsJson = (typeof AsJson)[keyof typeof AsJson]

/** What comes in PostgreSQL's own text without being a string: `enum Spelling` of crates/wire/src/param/spelled.rs. */
export const Spelling = {
  Range: 1,
  Interval: 2,
  BitString: 3,
  Point: 4,
  Line: 5,
  Segment: 6,
  Box: 7,
  Path: 8,
  Polygon: 9,
  Circle: 10,
  Snapshot: 11,
  Instant: 12,
  DateTime: 13,
  Date: 14,
  Time: 15,
} as const
export type Spelling = (typeof Spelling)[keyof typeof Spelling]

/** Kinds of records: `mod kind` of crates/wire/src/record.rs. */
export const RecordKind = {
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
  Surplus: 14,
  Described: 15,
  Data: 16,
  CopyRoom: 17,
  SetsComposed: 18,
  Times: 19,
  FieldForm: 20,
  ArgumentsWanted: 21,
} as const
export type RecordKind = (typeof RecordKind)[keyof typeof RecordKind]

/** Letters of fields: `mod letter` of crates/wire/src/record.rs. */
export const Letter = {
  Message: 'M',
  Hint: 'H',
  Sqlstate: 'C',
  Schema: 's',
  DataType: 'd',
  Position: 'P',
  MaybeExecuted: 'x',
  Argument: 'a',
  Element: 'e',
  Phase: 'f',
  Attribute: 'b',
  OsError: 'o',
  AuthMethod: 'u',
  Encrypted: 'y',
  Protocol: 'r',
  Name: 'k',
  Value: 'v',
  Channel: 'l',
  Payload: 'w',
} as const
export type Letter = (typeof Letter)[keyof typeof Letter]

/** Flags of rows and failures, and where the transaction status begins: `mod flag` of crates/wire/src/record.rs. */
export const RecordFlag = {
  Last: 1,
  Utf16: 2,
  StatusShift: 8,
} as const
export type RecordFlag = (typeof RecordFlag)[keyof typeof RecordFlag]

/** The class a failure becomes: `enum Class` of crates/wire/src/record.rs. */
export const FailureClass = {
  Server: 0,
  Data: 1,
  Interface: 2,
  Lost: 3,
  Timeout: 4,
  Protocol: 5,
  Internal: 6,
  Connect: 7,
  Outdated: 8,
  Unsupported: 9,
} as const
export type FailureClass = (typeof FailureClass)[keyof typeof FailureClass]

/** The driver's own fields of a failed attempt to connect: `mod field` of crates/node/src/connecting.rs. */
export const AttemptField = {
  Phase: 1,
  Kind: 2,
  Message: 3,
  Hint: 4,
  OsError: 5,
  Authenticated: 6,
  Encrypted: 7,
  Option: 8,
} as const
export type AttemptField = (typeof AttemptField)[keyof typeof AttemptField]

/** What a cell holds: `enum Codec` of crates/wire/src/codec.rs. */
export const Codec = {
  Int: 0,
  Bool: 1,
  Number: 2,
  Date: 3,
  Int8: 4,
  BigInt: 5,
  BigUint: 6,
  Text: 7,
  Json: 8,
  Buffer: 9,
  Bytes: 10,
  Array: 11,
  WireText: 12,
  TemporalInstant: 13,
  TemporalDateTime: 14,
  TemporalDate: 15,
  TemporalTime: 16,
  Void: 17,
  Document: 18,
  Range: 19,
  Interval: 20,
  TemporalDuration: 21,
  Bits: 22,
  Tid: 23,
  Snapshot: 24,
  Geometry: 25,
  Composite: 26,
  Record: 27,
  Hstore: 28,
  Custom: 29,
  CustomTuple: 30,
  CustomInText: 31,
} as const
export type Codec = (typeof Codec)[keyof typeof Codec]

/** Geometric types: `enum Figure` of crates/wire/src/codec.rs. */
export const Figure = {
  Point: 0,
  Line: 1,
  Segment: 2,
  Box: 3,
  OpenPath: 4,
  ClosedPath: 5,
  Polygon: 6,
  Circle: 7,
} as const
export type Figure = (typeof Figure)[keyof typeof Figure]

/** What is told of an array besides its size: `mod flag` of crates/wire/src/cells/array.rs. */
export const ArrayFlag = {
  Nulls: 1,
  Narrow: 2,
} as const
export type ArrayFlag = (typeof ArrayFlag)[keyof typeof ArrayFlag]

/** What is told of a range besides its bounds: `mod range_flag` of crates/wire/src/cells/node.rs. */
export const RangeFlag = {
  Empty: 1,
  LowerInclusive: 2,
  UpperInclusive: 4,
  LowerInfinite: 8,
  UpperInfinite: 16,
} as const
export type RangeFlag = (typeof RangeFlag)[keyof typeof RangeFlag]

/** The high words of leaves of documents that are no doubles: `mod leaf` of crates/wire/src/cells/document.rs. */
export const Leaf = {
  Text: -65536,
  Literal: -131072,
  Node: -196608,
  Int: -262144,
  LongText: -327680,
  Json: -393216,
} as const
export type Leaf = (typeof Leaf)[keyof typeof Leaf]

/** Where the choice of each type option begins in their packed number, in bits: `mod place` of crates/wire/src/type_options.rs. */
export const TypePlace = {
  Int8: 0,
  Numeric: 2,
  Timestamptz: 4,
  Timestamp: 6,
  Date: 8,
  Time: 10,
  Json: 12,
  Bytea: 14,
  Interval: 16,
} as const
export type TypePlace = (typeof TypePlace)[keyof typeof TypePlace]

/** Choices of int8: `enum Int8` of crates/wire/src/type_options.rs. */
export const Int8Choice = {
  Auto: 0,
  BigInt: 1,
  Number: 2,
  Text: 3,
} as const
export type Int8Choice = (typeof Int8Choice)[keyof typeof Int8Choice]

/** Choices of date and time types: `enum Moment` of crates/wire/src/type_options.rs. */
export const MomentChoice = {
  Date: 1,
  Text: 2,
  Temporal: 3,
} as const
export type MomentChoice = (typeof MomentChoice)[keyof typeof MomentChoice]
