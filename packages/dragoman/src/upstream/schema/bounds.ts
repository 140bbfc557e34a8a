import type { JsonValue } from '../../ir/json.ts'
import type { Keyword } from '../../providers/schema/keyword.ts'
import { keeps, type Subset } from '../../providers/schema/subset.ts'
import type { Said, Sayings } from './source.ts'
import { asNumber, type TypeName } from './types.ts'

/** A simple constraint of one value as it is to be sent, and those that cannot be. */
export interface Bounds {
  readonly sent: { readonly [keyword: string]: JsonValue }
  readonly unsaid: readonly Unsaid[]
}

export interface Unsaid {
  readonly keyword: Keyword
  readonly said: Said
}

/** Simple constraints by the type they are about, and how several of them become one. */
const simple: readonly (readonly [Keyword, readonly TypeName[], 'largest' | 'smallest' | 'same' | 'any'])[] =
  [
    ['minLength', ['string'], 'largest'],
    ['maxLength', ['string'], 'smallest'],
    ['pattern', ['string'], 'same'],
    ['format', ['string', 'number', 'integer'], 'same'],
    ['minimum', ['number', 'integer'], 'largest'],
    ['maximum', ['number', 'integer'], 'smallest'],
    ['multipleOf', ['number', 'integer'], 'same'],
    ['minItems', ['array'], 'largest'],
    ['maxItems', ['array'], 'smallest'],
    ['uniqueItems', ['array'], 'any'],
    ['minProperties', ['object'], 'largest'],
    ['maxProperties', ['object'], 'smallest'],
  ]

/** The one value that stands for all that were said, and those it does not stand for. */
function unite(
  saids: readonly Said[],
  how: 'largest' | 'smallest' | 'same' | 'any',
): readonly [Said, readonly Said[]] | undefined {
  const [first] = saids
  if (first === undefined) return undefined
  if (how === 'any')
    return saids.some(({ value }) => value === true) ? [{ ...first, value: true }, []] : undefined
  if (how === 'same') {
    const others = saids.filter(({ value }) => value !== first.value)
    return [first, others]
  }
  const numbers = saids.flatMap(said => {
    const value = asNumber(said)
    return value === undefined ? [] : [{ ...said, value }]
  })
  const best = numbers.reduce<(typeof numbers)[number] | undefined>((one, other) => {
    if (one === undefined) return other
    return (how === 'largest') === other.value > one.value ? other : one
  }, undefined)
  return best === undefined ? undefined : [best, []]
}

/** Look-around and back-references need more than an automaton. */
const isRegular = (pattern: JsonValue): boolean =>
  typeof pattern === 'string' && !/\(\?(?:[=!]|<[=!])|\\[1-9]|\\[bBk]/.test(pattern)

function takes(subset: Subset, keyword: Keyword, { value }: Said): boolean {
  if (!keeps(subset, keyword)) return false
  if (keyword === 'format') return subset.formats?.some(known => known === value) ?? true
  if (keyword === 'pattern') return isRegular(value)
  return keyword !== 'minItems' || subset.minItems === undefined || Number(value) <= subset.minItems
}

/** Simple constraints of a value of these types. Those of other types say nothing about it. */
export function boundsOf(sayings: Sayings, types: readonly TypeName[] | undefined, subset: Subset): Bounds {
  const sent: { [keyword: string]: JsonValue } = {}
  const unsaid: Unsaid[] = []
  const concerns = (about: readonly TypeName[]) =>
    types === undefined || about.some(type => types.includes(type))
  for (const [keyword, about, how] of simple) {
    if (!concerns(about)) continue
    const united = unite(sayings.all(keyword), how)
    if (united === undefined) continue
    const [said, others] = united
    if (takes(subset, keyword, said)) sent[keyword] = said.value
    else {
      for (const each of sayings.all(keyword)) unsaid.push({ keyword, said: each })
      if (keyword === 'minItems' && keeps(subset, keyword)) sent[keyword] = subset.minItems ?? 0
    }
    if (sent[keyword] === said.value) for (const other of others) unsaid.push({ keyword, said: other })
  }
  if (concerns(['number', 'integer'])) {
    const isWhole = types !== undefined && !types.includes('number')
    exclusive(sayings, subset, isWhole, 'exclusiveMinimum', sent, unsaid)
    exclusive(sayings, subset, isWhole, 'exclusiveMaximum', sent, unsaid)
  }
  return { sent, unsaid }
}

/** An open bound; of whole numbers it is the closed bound one further. */
function exclusive(
  sayings: Sayings,
  subset: Subset,
  isWhole: boolean,
  keyword: 'exclusiveMinimum' | 'exclusiveMaximum',
  sent: { [keyword: string]: JsonValue },
  unsaid: Unsaid[],
): void {
  const isLower = keyword === 'exclusiveMinimum'
  const united = unite(sayings.all(keyword), isLower ? 'largest' : 'smallest')
  const value = united === undefined ? undefined : asNumber(united[0])
  if (united === undefined || value === undefined) return
  if (keeps(subset, keyword)) {
    sent[keyword] = value
    return
  }
  const closed = isLower ? 'minimum' : 'maximum'
  const next = isLower ? Math.floor(value) + 1 : Math.ceil(value) - 1
  const bound = isWhole ? next : value
  if (!isWhole || !keeps(subset, closed)) {
    for (const said of sayings.all(keyword)) unsaid.push({ keyword, said })
  }
  if (!keeps(subset, closed)) return
  const there = sent[closed]
  const isTighter = typeof there !== 'number' || (isLower ? bound > there : bound < there)
  if (isTighter) sent[closed] = bound
}
