import { builtinModules } from 'node:module'
import { importsOf, resolveImport, type Source, unitOf } from './source.ts'

/** Rules are functions from sources to sentences, so that each can be seen to fail on a bad source. */

/** Unit -> what it may import: units, single files, or `dialects/*` for any dialect. */
export type ImportTable = { readonly [unit: string]: readonly string[] }

export interface Refinement {
  readonly from: string
  readonly to: string
  readonly because: string
}

/** Imports between units that neither the table nor a refinement allows, and refinements that nothing needs. */
export function checkImports(
  sources: readonly Source[],
  table: ImportTable,
  refinements: readonly Refinement[] = [],
): readonly string[] {
  const problems: string[] = []
  const used = new Set<Refinement>()
  for (const source of sources) {
    const from = unitOf(source.path)
    const row = from.startsWith('dialects/') ? 'dialects/*' : from
    if (table[row] === undefined) problems.push(`${source.path}: ${from} has no row in the table`)
    for (const { specifier, line } of importsOf(source)) {
      const path = resolveImport(source, specifier)
      if (path === undefined || unitOf(path) === from) continue
      const isNamed = (entry: string) =>
        entry === path ||
        entry === unitOf(path) ||
        (entry === 'dialects/*' && unitOf(path).startsWith('dialects/'))
      const allowed = refinements.filter(refinement => refinement.from === row && isNamed(refinement.to))
      if (table[row]?.some(isNamed)) continue
      for (const refinement of allowed) used.add(refinement)
      if (allowed.length === 0) problems.push(`${source.path}:${line}: ${from} may not import ${path}`)
    }
  }
  for (const refinement of refinements) {
    if (!used.has(refinement))
      problems.push(`nothing needs the refinement ${refinement.from} -> ${refinement.to}`)
  }
  return problems
}

const builtin = new Set(builtinModules)

export function isRuntimeModule(specifier: string): boolean {
  return /^(node|bun):|^bun$/.test(specifier) || builtin.has(specifier)
}

/** Imports of a runtime's modules, of packages that are not listed, and uses of a runtime's globals. */
export function checkNeutrality(
  sources: readonly Source[],
  units: readonly string[],
  packages: readonly string[] = [],
): readonly string[] {
  const problems: string[] = []
  const runtime = /(?<![.\w])(?:(?:Bun|process|Buffer)\s*\.|require\s*\(|__dirname\b|__filename\b)/g
  for (const source of sources.filter(({ path }) => units.includes(path.split('/')[0] ?? ''))) {
    for (const { specifier, line } of importsOf(source)) {
      if (specifier.startsWith('.') || packages.includes(specifier)) continue
      problems.push(`${source.path}:${line}: ${specifier} is not neutral`)
    }
    for (const match of source.bare.matchAll(runtime)) {
      problems.push(`${source.path}:${lineOf(source.bare, match.index)}: ${match[0]} belongs to one runtime`)
    }
  }
  return problems
}

export interface NameException {
  /** File or folder. */
  readonly path: string
  readonly names: readonly string[]
  readonly because: string
}

/** An issue cited as evidence (`owner/repository#12`), which a reason may do like a comment. */
const citation = '[\\w.-]+/[\\w.-]+#\\d+'

/** Names of providers in code (comments may cite sources), outside the places that may say them. */
export function checkNames(
  sources: readonly Source[],
  names: readonly string[],
  words: readonly string[],
  exceptions: readonly NameException[] = [],
): readonly string[] {
  const problems: string[] = []
  const used = new Set<NameException>()
  const harmless = new RegExp([citation, ...words.map(escaped)].join('|'), 'gi')
  // A short name may be part of a word; a long one is recognised inside identifiers too.
  const patterns = names.map(name => ({
    name,
    pattern: new RegExp(name.length > 4 ? escaped(name) : `(?<![a-z])${escaped(name)}(?![a-z])`, 'i'),
  }))
  for (const source of sources.filter(({ path }) => !path.startsWith('providers/'))) {
    for (const [index, line] of source.code.split('\n').entries()) {
      const left = line.replace(harmless, word => ' '.repeat(word.length))
      for (const { name } of patterns.filter(({ pattern }) => pattern.test(left))) {
        const exception = exceptions.find(one => source.path.startsWith(one.path) && one.names.includes(name))
        if (exception === undefined) problems.push(`${source.path}:${index + 1}: ${name}`)
        else used.add(exception)
      }
    }
  }
  for (const exception of exceptions) {
    if (!used.has(exception)) problems.push(`nothing needs the exception for ${exception.path}`)
  }
  return problems
}

/** `any` as a type, and `as` without a comment beside it that says why the compiler can be overruled. */
export function checkTypes(sources: readonly Source[]): readonly string[] {
  const problems: string[] = []
  for (const source of sources) {
    const code = source.code.split('\n')
    const text = source.text.split('\n')
    const hasComment = (index: number) => text[index] !== code[index]
    const isComment = (index: number) => hasComment(index) && code[index]?.trim() === ''
    for (const [index, line] of withoutAliases(source.bare).split('\n').entries()) {
      if (/(?:[:<|&,(=]|=>|\bas|\bextends|\bis)\s*any\b(?!\s*[:(])/.test(line)) {
        problems.push(`${source.path}:${index + 1}: any`)
      }
      const isExplained = isComment(index - 1) || hasComment(index) || hasComment(index + 1)
      if (/\bas\s+(?!const\b)[\w{(['"]/.test(line) && !isExplained) {
        problems.push(`${source.path}:${index + 1}: as without a reason`)
      }
    }
  }
  return problems
}

/** Without `as` that renames: in imports and exports, and in the keys of mapped types. */
function withoutAliases(bare: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ')
  return bare
    .replace(/^(?:import|export)\s+(?:type\s+)?(?:\*|\{)[^;'"]*?(?:from\b|\}\s*$)/gm, blank)
    .replace(/\[\s*\w+\s+in\b[^\]]*?\bas\b/g, blank)
}

export function checkLengths(
  sources: readonly Source[],
  limit: number,
  exempt: readonly string[],
): readonly string[] {
  const lines = (source: Source) => source.text.trimEnd().split('\n').length
  const long = sources.filter(source => lines(source) > limit)
  return [
    ...long
      .filter(({ path }) => !exempt.includes(path))
      .map(source => `${source.path}: ${lines(source)} lines`),
    ...exempt
      .filter(path => !long.some(source => source.path === path))
      .map(path => `${path} needs no exemption`),
  ]
}

export function checkFileNames(paths: readonly string[]): readonly string[] {
  return paths.filter(path =>
    path.split('/').some(part => /^(utils?|helpers?|common|misc)(\.|$)/i.test(part)),
  )
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
