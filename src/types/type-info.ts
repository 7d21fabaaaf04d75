/** What the server says of a type. */
export interface TypeInfo {
  /** Its number in `pg_type`, which differs between databases for a type that is not built in. */
  readonly oid: number
  /** As it is written in SQL, without its schema: `int4`, `int4[]`, `my_enum`. */
  readonly name: string
  /** What it is made of; `scalar` for a type that is made of no other. */
  readonly kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum'
  /** `pg_catalog` for a built-in type. */
  readonly schema: string
}

/** A column of a result, or an attribute of a composite type. */
export interface Attribute {
  /** Its name, as the server has it. */
  readonly name: string
  /** The type of its values. */
  readonly type: TypeInfo
}
