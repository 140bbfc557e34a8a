/** Text for people on a terminal: colours there, none anywhere else. */

type Stream = { readonly isTTY?: boolean }
type Environment = { readonly [name: string]: string | undefined }

export interface Style {
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  warn(text: string): string
  bad(text: string): string
}

const plainStyle: Style = {
  bold: text => text,
  dim: text => text,
  good: text => text,
  warn: text => text,
  bad: text => text,
}

const paint = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`

const colourStyle: Style = { bold: paint(1), dim: paint(2), good: paint(32), warn: paint(33), bad: paint(31) }

/** The style for a stream; NO_COLOR (no-color.org) and a terminal that calls itself dumb are obeyed. */
export function styleFor(stream: Stream, env: Environment = process.env): Style {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb' ? colourStyle : plainStyle
}

/**
 * Text from outside with its control characters made visible: a model's name or an error of an upstream must not be able
 * to move the cursor or change the window's title.
 */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, character => {
    const code = character.codePointAt(0) ?? 0
    return `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** Rows with their columns under each other; the last column is not filled up. */
export function table(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    }
  }
  return rows.map(row =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + gap)))
      .join(''),
  )
}

/** One line on standard output. */
export const print = (line = ''): void => {
  process.stdout.write(`${line}\n`)
}

/** A value as JSON that a program can read. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))
