/**
 * How the program itself makes values of a type from what PostgreSQL sends, and what it sends from values. Types that are
 * made of the type follow: arrays, domains, composites, ranges and multiranges.
 *
 * NULL never reaches either function. What one throws fails its own call, with a DataError whose `cause` it is.
 *
 * ```ts
 * await connection.setTypeCodec({
 *   schema: 'pg_catalog',
 *   type: 'numeric',
 *   encode: (value: { cents: number }) => `${value.cents / 100}`,
 *   decode: (text) => ({ cents: Math.round(Number(text) * 100) }),
 * })
 * await connection.fetchValue('select $1::numeric + 0.5', [{ cents: 1050 }]) // => { cents: 1100 }
 * ```
 */
export interface TypeCodec {
  /** Its name in the catalog, in its exact case; of a built-in type also SQL's own, such as `integer`. */
  type: string
  /** Default `public`; built-in types are in `pg_catalog`. */
  schema?: string | undefined
  /**
   * What the functions exchange. Default `text`: the text that PostgreSQL has for a value. `binary`: its binary form, a
   * Buffer to `decode` and a Uint8Array from `encode`. `tuple`: a list of what it consists of, for composite types
   * (its attributes in order), and for date (`[days]` since 2000-01-01), time, timestamp and timestamptz
   * (`[microseconds]`), timetz (`[microseconds, seconds west of UTC]`) and interval (`[months, days, microseconds]`);
   * microseconds are bigint.
   */
  format?: 'text' | 'binary' | 'tuple' | undefined
  /**
   * Whether values that `encode` takes may be lists. If so, a list within an array of the type is one of its elements, and
   * an array of more dimensions goes in as its text; else it is a further dimension. Default true for the format `tuple`,
   * json, jsonb, tid, the geometric types, snapshots, and types that are not built in except enums, else false.
   */
  takesLists?: boolean | undefined
  /** Gets every argument for the type but null, strings too. */
  encode: (value: any) => any
  /** Gets what came. */
  decode: (wire: any) => any
}
