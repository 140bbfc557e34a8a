import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A source file, taken apart as far as the rules need it. Lines of all three texts are the same lines. */
export interface Source {
  /** Relative to `src`, such as `wire/sse.ts`. */
  readonly path: string
  readonly text: string
  /** The text with comments blanked. */
  readonly code: string
  /** The text with comments and the inside of strings, templates and patterns blanked. */
  readonly bare: string
}

export const sourceRoot = fileURLToPath(new URL('../../src/', import.meta.url))

export function readSources(root = sourceRoot): readonly Source[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map(path => path.replaceAll('\\', '/'))
    .filter(path => /\.tsx?$/.test(path))
    .toSorted()
    .map(path => parseSource(path, readFileSync(root + path, 'utf8')))
}

/** A comment, a string, a word or space, or any one character. */
const token =
  /(\/\/[^\n]*|\/\*[\s\S]*?\*\/)|('(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*")|[\w$]+|\s+|[\s\S]/y
/** A template from its backtick, or from the end of a hole in it, to the next hole or its end. */
const template = /[`}](?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{|$)/y
const pattern = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
/** What a slash comes after where it begins a pattern, not a division. */
const beforePattern = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|void|throw|await))$/

/** Splits a text into code, comments and quoted text, well enough for formatted TypeScript. */
export function parseSource(path: string, text: string): Source {
  let code = ''
  let bare = ''
  /** The last code, space left out: it tells a pattern from a division. */
  let before = ''
  let depth = 0
  /** The depth of braces around each open template. */
  const templates: number[] = []
  const take = (expression: RegExp): RegExpExecArray | null => {
    expression.lastIndex = code.length
    return expression.exec(text)
  }
  const keep = (part: string, isQuoted: boolean) => {
    code += part
    bare += isQuoted ? part.slice(0, 1) + blank(part.slice(1, -1)) + part.slice(1).slice(-1) : part
    if (part.trim() !== '') before = (before + part).slice(-12)
  }
  while (code.length < text.length) {
    const character = text[code.length]
    const isInTemplate = character === '}' && templates.at(-1) === depth
    const found = character === '/' && beforePattern.test(before) ? take(pattern)?.[0] : undefined
    if (character === '`' || isInTemplate) {
      const part = take(template)?.[0] ?? '`'
      if (isInTemplate) templates.pop()
      if (part.endsWith('${')) templates.push(depth)
      keep(part, true)
    } else if (found !== undefined) {
      keep(found, true)
    } else {
      const [part = '', comment, string] = take(token) ?? []
      if (character === '{') depth++
      if (character === '}') depth--
      if (comment === undefined) keep(part, string !== undefined)
      else {
        code += blank(comment)
        bare += blank(comment)
      }
    }
  }
  return { path, text, code, bare }
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, ' ')
}

export interface Import {
  readonly specifier: string
  readonly line: number
}

/** Every specifier of `import`, `export ... from` and `import()`, type-only ones included. */
export function importsOf(source: Source): readonly Import[] {
  const statement = /(?:\bfrom|\bimport)\s*\(?\s*(['"])/g
  const imports: Import[] = []
  for (const match of source.bare.matchAll(statement)) {
    const start = match.index + match[0].length
    const specifier = source.code.slice(start, source.code.indexOf(match[1] ?? "'", start))
    imports.push({ specifier, line: source.text.slice(0, start).split('\n').length })
  }
  return imports
}

/** The path of what a relative specifier names, from `src`; undefined for a package. */
export function resolveImport(source: Source, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return posix.normalize(posix.join(posix.dirname(source.path), specifier))
}

/** The unit of the import rules: a dialect's own folder, a folder, or a file directly in `src`. */
export function unitOf(path: string): string {
  const [first = '', second = '', third] = path.split('/')
  return first === 'dialects' && third !== undefined ? `dialects/${second}` : second === '' ? path : first
}
