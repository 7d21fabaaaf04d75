// What is asked of a session. It stands alone, so that who asks is loaded without the session.
import type { Query } from './boundary/queries.ts'

export { Ask } from './boundary/generated.ts'

/** What is run: a text, or a statement that was prepared for its own sake. */
export type Text = string | Query

/** The text itself. */
export function sqlOf(text: Text): string {
  return typeof text === 'string' ? text : text.sql
}
