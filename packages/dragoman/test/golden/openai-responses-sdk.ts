import { readFileSync } from 'node:fs'

/** The declarations of openai-node's Responses API, comments left out: what this wire says, by its owner. */
const source = readFileSync(
  Bun.resolveSync('openai/resources/responses/responses', import.meta.dir).replace(/\.m?js$/, '.d.ts'),
  'utf8',
).replaceAll(/\/\*\*[\s\S]*?\*\//g, '')

interface Declared {
  readonly bases: readonly string[]
  readonly body: string
}

/** Interfaces by name; those inside a namespace by both names, with a dot between. */
const interfaces = new Map<string, Declared>()

function readInterfaces(text: string, indent: string, prefix: string): void {
  const pattern = new RegExp(
    `^${indent}(?:export )?interface (\\w+)(?: extends ([^{]+))? \\{\\n([\\s\\S]*?)^${indent}\\}`,
    'gm',
  )
  for (const [, name = '', bases = '', body = ''] of text.matchAll(pattern)) {
    interfaces.set(prefix + name, { bases: bases.split(/,\s*/).filter(Boolean), body })
  }
}

readInterfaces(source, '', '')
for (const [, name = '', body = ''] of source.matchAll(
  /^export declare namespace (\w+) \{\n([\s\S]*?)^\}/gm,
)) {
  readInterfaces(body, '    ', `${name}.`)
}

/** The members of a union type, as written. */
function membersOf(union: string): readonly string[] {
  const [, members] = new RegExp(`^export type ${union} = ([^;]+);`, 'm').exec(source) ?? []
  if (members === undefined) throw new Error(`openai-node declares no union ${union}`)
  return members.split(/\s*\|\s*/)
}

const literals = (text: string): readonly string[] =>
  [...text.matchAll(/'([^']+)'/g)].map(match => match[1] ?? '')

/** The fields that an interface declares, with their types; inherited ones too. */
export function fieldsOf(
  name: string,
): ReadonlyMap<string, { readonly type: string; readonly isOptional: boolean }> {
  const declared = interfaces.get(name)
  if (declared === undefined) throw new Error(`openai-node declares no interface ${name}`)
  const indent = name.includes('.') ? ' {8}' : ' {4}'
  const own = [...declared.body.matchAll(new RegExp(`^${indent}(\\w+)(\\?)?: ([^\\n]+);$`, 'gm'))].map(
    ([, field = '', optional, type = '']) => [field, { type, isOptional: optional === '?' }] as const,
  )
  return new Map([...declared.bases.flatMap(base => [...fieldsOf(base)]), ...own])
}

/** The wire types that the members of a union carry in `type`; a member without one is a message. */
export function typesOfUnion(union: string): readonly string[] {
  const found = membersOf(union).flatMap(member =>
    literals(fieldsOf(member).get('type')?.type ?? "'message'"),
  )
  return [...new Set(found)].sort()
}

/** The words of a union of strings. */
export function wordsOf(union: string): readonly string[] {
  return membersOf(union).flatMap(literals)
}
