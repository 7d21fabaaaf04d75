/** What the server says of a type. */
export interface TypeInfo {
  readonly oid: number
  /** As it is written in SQL, without its schema: `int4`, `int4[]`, `my_enum`. */
  readonly name: string
  readonly kind: 'scalar' | 'array' | 'composite' | 'range' | 'multirange' | 'domain' | 'enum'
  /** `pg_catalog` for a built-in type. */
  readonly schema: string
}

/** A column of a result, or an attribute of a composite type. */
export interface Attribute {
  readonly name: string
  readonly type: TypeInfo
}
