import fc from 'fast-check'
import type { ItemMeta } from '../../src/ir/part.ts'
import type { Candidate, Finish, Reply } from '../../src/ir/reply.ts'
import type { Usage } from '../../src/ir/usage.ts'
import { arbitraryPart } from './arbitrary-part.ts'
import {
  type ArbitraryOptions,
  allDialects,
  arbitraryCount,
  arbitraryExtra,
  arbitraryId,
  arbitraryName,
  arbitraryObject,
  arbitraryText,
  sparse,
} from './arbitrary-values.ts'

export { arbitraryLogprob, arbitraryPart } from './arbitrary-part.ts'
export { arbitraryRequest, arbitrarySchema } from './arbitrary-request.ts'
export type { ArbitraryOptions } from './arbitrary-values.ts'

const item: fc.Arbitrary<ItemMeta> = sparse<ItemMeta, 'type'>(
  {
    type: fc.constantFrom('message', 'reasoning', 'function_call'),
    id: arbitraryId,
    status: fc.constantFrom('completed', 'incomplete'),
    phase: fc.constantFrom('commentary', 'final_answer'),
    extra: arbitraryExtra(['openai-responses']),
  },
  ['type'],
)

const finish: fc.Arbitrary<Finish> = sparse<Finish, 'reason'>(
  {
    reason: fc.constantFrom('stop', 'length', 'tool-calls', 'content-filter', 'pause', 'error', 'unknown'),
    raw: arbitraryName,
    stopSequence: arbitraryText,
    explanation: arbitraryText,
    extra: arbitraryExtra(),
  },
  ['reason'],
)

export const arbitraryUsage: fc.Arbitrary<Usage> = sparse<
  Usage,
  'input' | 'cacheRead' | 'cacheWrite' | 'output' | 'source'
>(
  {
    input: arbitraryCount,
    cacheRead: arbitraryCount,
    cacheWrite: arbitraryCount,
    output: arbitraryCount,
    reasoning: arbitraryCount,
    inputAudio: arbitraryCount,
    outputAudio: arbitraryCount,
    source: fc.constantFrom('reported', 'counted', 'estimated'),
    raw: fc.record({ dialect: fc.constantFrom(...allDialects), value: arbitraryObject }),
  },
  ['input', 'cacheRead', 'cacheWrite', 'output', 'source'],
)

function arbitraryCandidate(index: number, options: ArbitraryOptions): fc.Arbitrary<Candidate> {
  const parts = fc.array(arbitraryPart(options), { maxLength: 5 })
  const items = options.items === false ? fc.constant([]) : fc.array(item, { maxLength: 3 })
  const extra = fc.option(arbitraryExtra(options.dialects), { nil: undefined })
  return fc
    .tuple(parts, items, finish, extra, fc.infiniteStream(fc.nat()))
    .map(([bare, metas, end, own, random]) => {
      const homes = bare
        .map(() => random.next().value % (metas.length + 1))
        .toSorted((one, other) => one - other)
      const placed = bare.map((part, at) =>
        (homes[at] ?? 0) < metas.length ? { ...part, item: homes[at] ?? 0 } : part,
      )
      return {
        index,
        parts: placed,
        ...(metas.length === 0 ? {} : { items: metas }),
        finish: end,
        ...(own === undefined ? {} : { extra: own }),
      }
    })
}

/** A reply with parts of all kinds, in items or not, with usage and extras or without. */
export function arbitraryReply(options: ArbitraryOptions = {}): fc.Arbitrary<Reply> {
  const indices = Array.from({ length: options.candidates ?? 3 }, (_, index) => index)
  const candidates = fc
    .integer({ min: 1, max: indices.length })
    .chain(length => fc.tuple(...indices.slice(0, length).map(index => arbitraryCandidate(index, options))))
  return sparse<Reply, 'candidates'>(
    {
      dialect: fc.constantFrom(...(options.dialects?.length ? options.dialects : allDialects)),
      id: arbitraryId,
      model: arbitraryName,
      created: fc.nat({ max: 2_000_000_000 }),
      serviceTier: fc.constantFrom('default', 'priority'),
      candidates,
      usage: arbitraryUsage,
      extra: arbitraryExtra(options.dialects),
    },
    ['candidates'],
  )
}
