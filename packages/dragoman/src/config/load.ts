import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Kinds } from './check-providers.ts'
import { sectionOf } from './check-providers.ts'
import type { Config } from './config.ts'
import { type Locate, parseConfig, toProblems } from './parse.ts'
import type { ConfigProblem, Finding } from './problem.ts'
import type { ConfigInput } from './schema.ts'
import { type References, type Substituted, substitute } from './substitute.ts'

export type LoadedConfig =
  | { readonly ok: true; readonly input: ConfigInput; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

export interface LoadOptions extends References {
  readonly kinds: Kinds
  /** Lays what the command line and the surroundings add over and under what the file says, before it is checked. */
  readonly adjust?: (input: unknown) => unknown
}

/** A configuration is written by hand: one this large is another file, or an attack. */
const largest = 1024 * 1024

/** Where things stand in a text of YAML; a path that leads nowhere stands where its last existing part does. */
function createLocate(document: Document, lines: LineCounter): Locate {
  const positionOf = (node: unknown) => {
    const offset = (node as Node | null | undefined)?.range?.[0] // nodes of a parsed document have ranges
    if (offset === undefined) return undefined
    const { line, col } = lines.linePos(offset)
    return { line, column: col }
  }
  return finding => {
    let found: unknown = document.contents
    let node: unknown = document.contents
    for (const [depth, segment] of finding.at.entries()) {
      const last = depth === finding.at.length - 1
      if (isMap(node)) {
        const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(segment))
        if (pair === undefined) break
        found = (last && finding.aboutKey) || pair.value === null ? pair.key : pair.value
        node = pair.value
      } else if (isSeq(node) && typeof segment === 'number') {
        node = node.items[segment]
        found = node ?? found
      } else break
    }
    return positionOf(found)
  }
}

/** Takes what came from the environment or a file out of sentences, and puts the reference in its place. */
function hideSecrets(
  problems: readonly ConfigProblem[],
  secrets: Substituted['secrets'],
): readonly ConfigProblem[] {
  const known = secrets.filter(secret => secret.value.length >= 4)
  const hide = (text: string) =>
    known.reduce((current, { value, reference }) => current.replaceAll(value, reference), text)
  return problems.map(problem => ({
    ...problem,
    message: hide(problem.message),
    ...(problem.hint === undefined ? {} : { hint: hide(problem.hint) }),
  }))
}

function checkVersion(value: unknown): readonly Finding[] {
  const keys = Object.keys(sectionOf(value))
  if (keys.length === 0 || keys.includes('version')) return []
  return [{ at: ['version'], message: 'is missing.', hint: 'Start the file with version: 1.' }]
}

/**
 * Reads the text of a configuration file. Every problem is told at once, with line and column, and with no secret in it.
 * References are filled in after the YAML was parsed, so that no value can change the file's structure.
 */
export function loadConfig(text: string, options: LoadOptions): LoadedConfig {
  if (text.length > largest) {
    return {
      ok: false,
      problems: [{ path: '', message: 'the file is larger than 1 MB.', hint: 'Is it the right one?' }],
    }
  }
  const lines = new LineCounter()
  // The pretty form of an error quotes the line it stands in, which may hold a key.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const broken = [...document.errors, ...document.warnings]
  if (broken.length > 0) {
    const problems = broken.map(({ message, pos }): ConfigProblem => {
      const { line, col } = lines.linePos(pos[0])
      return {
        path: '',
        message: `this is not YAML: ${message.replace(/\.?$/, '.')}`,
        hint: 'Correct it.',
        line,
        column: col,
      }
    })
    return { ok: false, problems }
  }
  let value: unknown
  try {
    value = document.toJS()
  } catch {
    // Thrown for aliases of aliases that would unfold into more than a machine can hold.
    const message = 'its aliases unfold into too much.'
    return { ok: false, problems: [{ path: '', message, hint: 'Write the repeated parts out.' }] }
  }
  const { value: filled, findings, secrets } = substitute(value, options)
  const input = options.adjust?.(filled ?? {}) ?? filled ?? {}
  const locate = createLocate(document, lines)
  const parsed = parseConfig(input, options.kinds, locate)
  const early = toProblems([...checkVersion(value), ...findings], locate)
  // A reference that could not be filled in leaves a hole that trips the checks behind it: its own sentence is enough.
  const told = new Set(early.map(problem => problem.path))
  const late = parsed.ok ? [] : parsed.problems.filter(problem => !told.has(problem.path))
  const problems = [...early, ...late]
  if (!parsed.ok || problems.length > 0) return { ok: false, problems: hideSecrets(problems, secrets) }
  return { ok: true, input: input as ConfigInput, config: parsed.config } // the schema just accepted it
}
