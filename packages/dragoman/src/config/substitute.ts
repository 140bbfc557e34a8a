import { typeAt } from './fields.ts'
import type { Finding, PathSegments } from './problem.ts'

/** What references in a configuration may read. */
export interface References {
  readonly env: { readonly [name: string]: string | undefined }
  /** The text of a file, its path relative to the configuration's folder. Throws where it cannot be read. */
  readonly readFile: (path: string) => string
}

export interface Substituted {
  readonly value: unknown
  readonly findings: readonly Finding[]
  /** What was filled in, with the reference that stands for it wherever the value must not be shown. */
  readonly secrets: readonly { readonly value: string; readonly reference: string }[]
}

type Filled = { readonly text: string } | { readonly message: string; readonly hint: string }

function readVariable(inside: string, env: References['env']): Filled | undefined {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(inside)
  const name = match?.[1]
  if (name === undefined) return undefined
  const value = env[name]
  const fallback = match?.[2]
  // As in a shell: `:-` also stands in for a variable that is set to nothing.
  if (fallback !== undefined) return { text: value === undefined || value === '' ? fallback : value }
  if (value !== undefined) return { text: value }
  return {
    message: `the environment variable ${name} is not set.`,
    hint: `Set it, or write \${${name}:-default} to do without.`,
  }
}

function readReference(inside: string, references: References): Filled {
  if (!inside.startsWith('file:')) {
    const hint =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are what to write
      'Write ${NAME}, ${NAME:-default} or ${file:PATH}; $${ stands for the two characters themselves.'
    return readVariable(inside, references.env) ?? { message: 'holds a reference that cannot be read.', hint }
  }
  const path = inside.slice('file:'.length)
  try {
    // Secret files end in the line break that their editor or `echo` put there.
    return { text: references.readFile(path).replace(/\r?\n$/, '') }
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''
    return {
      message: `the file ${path} cannot be read${reason}.`,
      hint: 'Correct the path, or its permissions.',
    }
  }
}

/** A text from outside, as what the field holds. The parser of YAML never sees it, so it cannot become anything else. */
function asFieldType(text: string, at: PathSegments): unknown {
  const type = typeAt(at)
  if (type === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

/**
 * Fills in `${ENV}`, `${ENV:-default}` and `${file:PATH}` in every text of a parsed file, and reads a section with
 * nothing in it (`openai:` on a line of its own) as an empty one.
 */
export function substitute(value: unknown, references: References): Substituted {
  const findings: Finding[] = []
  const secrets: { value: string; reference: string }[] = []

  const fill = (text: string, at: PathSegments): unknown => {
    if (!text.includes('${')) return text
    const filled = text.replace(
      /\$\$\{|\$\{([^}]*)(\}?)/g,
      (reference, inside: string | undefined, end: string) => {
        if (inside === undefined) return '${'
        const found =
          end === ''
            ? { message: 'holds a reference that is not closed.', hint: 'Add the }.' }
            : readReference(inside, references)
        if ('text' in found) {
          if (found.text !== '') secrets.push({ value: found.text, reference })
          return found.text
        }
        findings.push({ at, ...found })
        return ''
      },
    )
    return asFieldType(filled, at)
  }

  const walk = (current: unknown, at: PathSegments): unknown => {
    if (typeof current === 'string') return fill(current, at)
    if (Array.isArray(current)) return current.map((entry, index) => walk(entry, [...at, index]))
    if (current === null) return typeAt(at) === 'section' ? {} : null
    if (typeof current !== 'object') return current
    return Object.fromEntries(Object.entries(current).map(([key, entry]) => [key, walk(entry, [...at, key])]))
  }

  return { value: walk(value, []), findings, secrets }
}
