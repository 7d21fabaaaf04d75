import type { ExecutionContext } from 'ava'
import type { Connection } from '../../index.ts'

/** A type's name in SQL, and samples: PostgreSQL's text for a value, and the value. */
export type Samples = readonly [type: string, ...samples: (readonly [text: string, value: unknown])[]]

/**
 * Each sample from its text to the value, and from the value to the text; alone, in an array beside NULL, and in an
 * array of two dimensions with lower bounds of its own.
 */
export async function checkSamples(
  t: ExecutionContext,
  connection: Connection,
  samples: Samples,
): Promise<void> {
  const [type, ...pairs] = samples
  for (const [text, value] of pairs) {
    const label = `${type} ${text}`
    t.deepEqual(
      await connection.fetchValue(`select $1::text::${type}`, [text]),
      value,
      `text to value: ${label}`,
    )
    t.is(await connection.fetchValue(`select $1::${type}::text`, [value]), text, `value to text: ${label}`)
    t.deepEqual(await connection.fetchValue(`select $1::${type}`, [text]), value, `string to value: ${label}`)
    t.deepEqual(
      await connection.fetchValue(`select array[$1::text::${type}, null]`, [text]),
      [value, null],
      `array: ${label}`,
    )
    t.is(
      await connection.fetchValue(`select ($1::${type}[])[2]::text`, [[null, value]]),
      text,
      `into an array: ${label}`,
    )
  }
  const values = pairs.map(([, value]) => value)
  const table = [values, values.toReversed()]
  // In arrays of documents only the outermost array is PostgreSQL's.
  if (type !== 'json' && type !== 'jsonb') {
    t.deepEqual(
      await connection.fetchValue(`select $1::${type}[]`, [table]),
      table,
      `two dimensions of ${type}`,
    )
  }
  t.deepEqual(await connection.fetchValue(`select $1::${type}[]`, [[]]), [], `no element of ${type}`)
  t.is(await connection.fetchValue(`select $1::${type}`, [null]), null)
}

/** Text to value only: values that are told apart by nothing but their text. */
export async function checkOutput(
  t: ExecutionContext,
  connection: Connection,
  samples: Samples,
): Promise<void> {
  const [type, ...pairs] = samples
  for (const [text, value] of pairs) {
    const label = `${type} ${text}`
    t.deepEqual(await connection.fetchValue(`select $1::text::${type}`, [text]), value, label)
    t.deepEqual(
      await connection.fetchValue(`select array[$1::text::${type}, null]`, [text]),
      [value, null],
      label,
    )
  }
}
