// The line of a query that an error is about, with a caret: what psql prints, by the rules of libpq's
// reportErrorPosition in fe-protocol3.c.

/** Columns of the screen that a line may have. */
const WIDTH = 60

/** Columns that stay visible behind the place of the error where a line is cut on its right. */
const RIGHT_MARGIN = 10

const TAB = 9
const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** Characters that take two columns: the wide and full-width ones of Unicode, as libpq counts them. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|(?![\u{1f1e6}-\u{1f1ff}])\p{Emoji_Presentation}/u

/** A line of a text, up to its end or to that of the text. */
interface Line {
  /** From 1. A line ends with CR, LF or both together. */
  readonly number: number
  /** One character each, tabs as blanks. */
  readonly characters: readonly string[]
  /** Where in it the place is, from 0; its length when the place is at its end. */
  readonly place: number
}

/**
 * The line of `text` that has the character at `position`, which counts characters from 1, and a caret below it. A line
 * that is too long is cut around it. `null` when the text has no such place.
 */
export function excerptOf(text: string, position: number): string | null {
  const line = lineAt(text, position - 1)
  if (line === undefined) return null
  const { from, to } = visible(line)
  const prefix = `LINE ${line.number}: ${from > 0 ? '...' : ''}`
  const shown = line.characters.slice(from, to).join('')
  const caret = prefix.length + columns(line.characters.slice(from, line.place))
  return `${prefix}${shown}${to < line.characters.length ? '...' : ''}\n${' '.repeat(caret)}^`
}

function lineAt(text: string, place: number): Line | undefined {
  if (place < 0) return undefined
  let number = 1
  let begin = 0
  let index = 0
  let previous = 0
  let characters: string[] = []
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code === CARRIAGE_RETURN || code === LINE_FEED) {
      if (index >= place) break
      if (code === CARRIAGE_RETURN || previous !== CARRIAGE_RETURN) number++
      begin = index + 1
      characters = []
    } else characters.push(code === TAB ? ' ' : character)
    previous = code
    index++
  }
  return place > index ? undefined : { number, characters, place: place - begin }
}

/** Which part of a line is shown: its right side is cut first, as long as that is not too near to the place. */
function visible({ characters, place }: Line): { from: number; to: number } {
  const at = [0]
  for (const character of characters) at.push((at.at(-1) as number) + width(character))
  const column = (index: number): number => at[index] as number
  let from = 0
  let to = characters.length
  if (column(to) <= WIDTH) return { from, to }
  if (WIDTH >= column(place) + RIGHT_MARGIN) {
    while (column(to) > WIDTH) to--
  } else {
    while (column(place) + RIGHT_MARGIN < column(to)) to--
    while (column(to) - column(from) > WIDTH) from++
  }
  return { from, to }
}

function columns(characters: readonly string[]): number {
  return characters.reduce((sum, character) => sum + width(character), 0)
}

function width(character: string): number {
  return WIDE.test(character) ? 2 : 1
}
