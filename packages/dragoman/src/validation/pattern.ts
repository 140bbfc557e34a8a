/** Characters of the longest text that is held against a caller's pattern. */
const longest = 10_000

/** A group that repeats what repeats, or what may be one thing or another: such patterns can take exponential time. */
const explosive = /\((?:[^()\\]|\\.)*(?:[*+|]|\{\d+,)(?:[^()\\]|\\.)*\)[*+{]|\\[1-9]|\\k</

/**
 * A caller's pattern as a test that ends in time. The engine's regular expressions backtrack, and a caller chooses both
 * the pattern and, by the prompt, the text: patterns that may explode, and very long texts, pass unchecked.
 */
export function createPattern(source: string, flags: string): CheckedPattern {
  const pattern = new RegExp(source, flags)
  const isSafe = !explosive.test(source)
  return {
    test: text => !isSafe || text.length > longest || pattern.test(text),
    // The library tells patterns apart by their text.
    toString: () => pattern.toString(),
  }
}

interface CheckedPattern {
  test(text: string): boolean
  toString(): string
}

/** What the library writes into code that it would store; ours is never stored. */
createPattern.code = 'createPattern'
