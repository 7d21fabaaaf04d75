/** Changes that a name may be away from the one that was meant. */
const MOST_CHANGES = 2

/** The known name that a mistyped one is nearest to, case and underscores aside; `undefined` when none is near. */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const typed = bare(name)
  let nearest: string | undefined
  let fewest = Math.min(MOST_CHANGES, Math.floor(typed.length / 3)) + 1
  for (const candidate of known) {
    const changes = distance(typed, bare(candidate))
    if (changes >= fewest) continue
    fewest = changes
    nearest = candidate
  }
  return nearest
}

function bare(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

/** How many characters must be added, left out or replaced, or neighbours exchanged, to make one text of the other. */
function distance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > MOST_CHANGES) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let above = Array.from({ length: to.length + 1 }, (_, i) => i)
  for (let i = 1; i <= from.length; i++) {
    const row = [i]
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1]
      let least = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (isSame ? 0 : 1))
      const isExchange = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (isExchange) least = Math.min(least, at(before, j - 2) + 1)
      row.push(least)
    }
    before = above
    above = row
  }
  return at(above, to.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] as number
}
