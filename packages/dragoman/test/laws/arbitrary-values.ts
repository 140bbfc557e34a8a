import fc from 'fast-check'
import type { DialectId, Extra } from '../../src/ir/extra.ts'
import type { JsonObject } from '../../src/ir/json.ts'
import type { PartKind } from '../../src/ir/part.ts'

/** What a dialect's own laws may leave out of the arbitrary values. */
export interface ArbitraryOptions {
  /** Part kinds to make; all unless given. */
  readonly kinds?: readonly PartKind[]
  /** Dialects that extras, hosted tools and unknown parts may come from; all unless given. `[]` makes none of these. */
  readonly dialects?: readonly DialectId[]
  /** Candidates a reply may have; 3 unless given. */
  readonly candidates?: number
  /** Whether replies group parts into items; true unless given. */
  readonly items?: boolean
}

export const allDialects: readonly DialectId[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
  'bedrock-converse',
  'cohere',
]
/** Text with every kind of trouble: quotes, line breaks, astral characters, combining marks, text that looks like wire. */
export const arbitraryText = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('"\\\n', 'data: x\n\n', '\u{1f468}\u200d\u{1f469}', '</think>', ' ', '日本語'),
  },
)
export const arbitraryName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_-]{0,11}$/)
export const arbitraryId = fc.stringMatching(/^[a-z]{2,4}_[A-Za-z0-9]{4,10}$/)
export const arbitraryCount = fc.nat({ max: 100_000 })
export const arbitraryBase64 = fc
  .uint8Array({ maxLength: 9 })
  .map(bytes => Buffer.from(bytes).toString('base64'))

/** A record whose members may each be absent, which is not the same as undefined or empty. */
export function sparse<T extends object, K extends keyof T>(
  model: { [N in keyof T]-?: fc.Arbitrary<Exclude<T[N], undefined>> },
  requiredKeys: readonly K[],
): fc.Arbitrary<T> {
  // Types of fast-check know no absent members; without them the values are those of T.
  return fc.record(model, { requiredKeys: [...requiredKeys] } as never) as unknown as fc.Arbitrary<T>
}

export const arbitraryObject: fc.Arbitrary<JsonObject> = fc.dictionary(
  arbitraryName,
  fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    arbitraryText,
    fc.array(fc.integer(), { maxLength: 2 }),
  ),
  { maxKeys: 3 },
)

export function arbitraryExtra(dialects: readonly DialectId[] = allDialects): fc.Arbitrary<Extra> {
  if (dialects.length === 0) return fc.constant({})
  return fc.dictionary(fc.constantFrom(...dialects), arbitraryObject, { maxKeys: 1 })
}
