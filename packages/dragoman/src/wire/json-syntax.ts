/** Where a text stops being JSON, and what could have stood there. */
export interface SyntaxProblem {
  /** Index into the text. */
  readonly at: number
  /** For a sentence: `',' or '}'`. */
  readonly expected: string
}

const closing = { '{': '}', '[': ']' } as const
const scalar = /(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])/y
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const space = /[ \t\n\r]*/y

/**
 * Finds the place for an error message, because the engines' own messages differ, quote the text, or do not say where.
 * Called only for texts that `JSON.parse` refused; the native parser stays the judge.
 */
export function findSyntaxError(text: string): SyntaxProblem {
  const open: ('{' | '[')[] = []
  let wants: 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'more' = 'value'
  let at = 0
  for (;;) {
    at = endOf(space, text, at)
    const character = text[at]
    const inner = open.at(-1)
    const close = inner && closing[inner]
    if (character !== undefined && character === close && (wants === 'more' || wants.endsWith('end'))) {
      open.pop()
      wants = 'more'
      at++
    } else if (wants === 'more') {
      if (inner === undefined) return { at, expected: 'the end' }
      if (character !== ',') return { at, expected: `',' or '${close}'` }
      wants = inner === '{' ? 'key' : 'value'
      at++
    } else if (wants === 'colon') {
      if (character !== ':') return { at, expected: "':'" }
      wants = 'value'
      at++
    } else if (character === '"') {
      const string = walkString(text, at + 1)
      if (string.problem !== undefined) return { at: string.at, expected: string.problem }
      wants = wants.startsWith('key') ? 'colon' : 'more'
      at = string.at
    } else if (wants.startsWith('key')) {
      return { at, expected: 'a key in double quotes' }
    } else if (character === '{' || character === '[') {
      open.push(character)
      wants = character === '{' ? 'key or end' : 'value or end'
      at++
    } else {
      const end = endOf(scalar, text, at)
      if (end === at) return { at, expected: 'a value' }
      wants = 'more'
      at = end
    }
  }
}

/** The end of what the sticky pattern matches here; `at` itself where it does not match. */
function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : at
}

/** The index after the closing quote, or of what may not stand in a string. */
function walkString(text: string, from: number): { readonly at: number; readonly problem?: string } {
  let at = from
  while (text[at] !== '"') {
    if (at >= text.length) return { at, problem: 'a closing quote' }
    if (text.charCodeAt(at) < 0x20) return { at, problem: 'an escape instead of a control character' }
    const next = text[at] === '\\' ? endOf(escaped, text, at) : at + 1
    if (next === at) return { at, problem: 'an escape that JSON knows' }
    at = next
  }
  return { at: at + 1 }
}
