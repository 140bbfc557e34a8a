/** Edits (insert, delete, replace, swap neighbours) that turn one word into the other. */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1)
      }
      current.push(best)
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}

/** The known name that a mistyped one most likely meant, if any is near enough to be worth saying. */
export function suggest(name: string, known: Iterable<string>): string | undefined {
  // Nobody mistypes hundreds of characters, and the work grows with the product of the lengths.
  if (name.length > 64) return undefined
  const wanted = name.toLowerCase()
  let best: { readonly name: string; readonly distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { name: candidate, distance }
  }
  return best !== undefined && best.distance <= Math.max(1, Math.floor(name.length / 3))
    ? best.name
    : undefined
}

/** `Did you mean "x"?` with the names there are, or only the names. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = suggest(name, known)
  const list = known.length === 0 ? 'There are none.' : `Known: ${known.join(', ')}.`
  return near === undefined ? list : `Did you mean "${near}"? ${list}`
}
