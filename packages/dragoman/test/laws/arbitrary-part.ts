import fc from 'fast-check'
import type { TokenLogprob } from '../../src/ir/logprob.ts'
import type { Opaque } from '../../src/ir/opaque.ts'
import type { Annotation, CacheHint, MediaSource, Part, PartKind } from '../../src/ir/part.ts'
import {
  type ArbitraryOptions,
  allDialects,
  arbitraryBase64,
  arbitraryExtra,
  arbitraryId,
  arbitraryName,
  arbitraryObject,
  arbitraryText,
  sparse,
} from './arbitrary-values.ts'

const allKinds: readonly PartKind[] = [
  'text',
  'thinking',
  'tool-call',
  'tool-result',
  'refusal',
  'media',
  'hosted-tool',
  'unknown',
]

/** JSON has no minus zero: it comes back as zero. */
const arbitraryLog = fc.double({ min: -30, max: 0, noNaN: true }).map(log => (Object.is(log, -0) ? 0 : log))

export const arbitraryLogprob: fc.Arbitrary<TokenLogprob> = sparse<TokenLogprob, 'token' | 'logprob' | 'top'>(
  {
    token: arbitraryText,
    logprob: arbitraryLog,
    bytes: fc.oneof(fc.constant(null), fc.array(fc.nat({ max: 255 }), { maxLength: 3 })),
    top: fc.array(fc.record({ token: arbitraryText, logprob: arbitraryLog }), { maxLength: 2 }),
    extra: fc.constant({}),
  },
  ['token', 'logprob', 'top'],
).map(({ extra: _, ...logprob }) => logprob)

const opaque: fc.Arbitrary<Opaque> = sparse<Opaque, 'form' | 'data'>(
  {
    form: fc.constantFrom('signature', 'redacted', 'encrypted'),
    data: arbitraryBase64,
    dialect: fc.constantFrom(...allDialects),
    origin: fc.record({ family: arbitraryName }),
  },
  ['form', 'data'],
)

export const arbitraryCache: fc.Arbitrary<CacheHint> = sparse<CacheHint, never>(
  { ttl: fc.constantFrom('5m', '1h'), extra: fc.constant({}) },
  [],
)

const annotation: fc.Arbitrary<Annotation> = sparse<Annotation, 'type'>(
  {
    type: fc.constantFrom('url', 'file', 'document', 'unknown'),
    url: fc.webUrl(),
    title: arbitraryText,
    fileId: arbitraryId,
    filename: arbitraryText,
    documentIndex: fc.nat({ max: 5 }),
    citedText: arbitraryText,
    start: fc.nat({ max: 20 }),
    end: fc.nat({ max: 40 }),
    extra: arbitraryExtra(),
  },
  ['type'],
)

const source: fc.Arbitrary<MediaSource> = fc.oneof(
  fc.record({
    type: fc.constant('base64' as const),
    mediaType: fc.constantFrom('image/png', 'audio/wav'),
    data: arbitraryBase64,
  }),
  sparse<Extract<MediaSource, { readonly type: 'url' }>, 'type' | 'url'>(
    { type: fc.constant('url'), url: fc.webUrl(), mediaType: fc.constant('image/png') },
    ['type', 'url'],
  ),
  fc.record({ type: fc.constant('file-id' as const), id: arbitraryId }),
  fc.record({
    type: fc.constant('text' as const),
    mediaType: fc.constant('text/plain'),
    text: arbitraryText,
  }),
)

/** A part of any kind, as a reply or a turn may hold it, without an item. */
export function arbitraryPart(options: ArbitraryOptions = {}): fc.Arbitrary<Part> {
  const { kinds = allKinds, dialects = allDialects } = options
  const extra = arbitraryExtra(dialects)
  const base = { item: fc.nat(), cache: arbitraryCache, opaque, extra }
  const logprobs = fc.array(arbitraryLogprob, { maxLength: 3 })
  const dialect = fc.constantFrom(...(dialects.length === 0 ? allDialects : dialects))
  const wire = { dialect, type: arbitraryName, value: arbitraryObject }
  const text = sparse<Extract<Part, { kind: 'text' }>, 'kind' | 'text'>(
    {
      ...base,
      kind: fc.constant('text'),
      text: arbitraryText,
      annotations: fc.array(annotation, { maxLength: 2 }),
      logprobs,
    },
    ['kind', 'text'],
  )
  const makers: { readonly [K in PartKind]: fc.Arbitrary<Part> } = {
    text: fc.oneof(text, text.map(withTokens)),
    thinking: sparse<Extract<Part, { kind: 'thinking' }>, 'kind' | 'text'>(
      {
        ...base,
        kind: fc.constant('thinking'),
        text: arbitraryText,
        summary: fc.array(arbitraryText, { maxLength: 3 }),
      },
      ['kind', 'text'],
    ),
    'tool-call': sparse<Extract<Part, { kind: 'tool-call' }>, 'kind' | 'type' | 'id' | 'name' | 'arguments'>(
      {
        ...base,
        kind: fc.constant('tool-call'),
        type: fc.constantFrom('function', 'custom'),
        id: arbitraryId,
        name: arbitraryName,
        arguments: fc.oneof(fc.json({ maxDepth: 1 }), fc.constantFrom('', '{}', '{"city":"Zür')),
      },
      ['kind', 'type', 'id', 'name', 'arguments'],
    ),
    'tool-result': sparse<Extract<Part, { kind: 'tool-result' }>, 'kind' | 'type' | 'callId' | 'parts'>(
      {
        ...base,
        kind: fc.constant('tool-result'),
        type: fc.constantFrom('function', 'custom'),
        callId: arbitraryId,
        parts: fc.array(fc.record({ kind: fc.constant('text' as const), text: arbitraryText }), {
          maxLength: 2,
        }),
        isError: fc.boolean(),
      },
      ['kind', 'type', 'callId', 'parts'],
    ),
    refusal: sparse<Extract<Part, { kind: 'refusal' }>, 'kind' | 'text'>(
      { ...base, kind: fc.constant('refusal'), text: arbitraryText, logprobs },
      ['kind', 'text'],
    ),
    media: sparse<Extract<Part, { kind: 'media' }>, 'kind' | 'media' | 'source'>(
      {
        ...base,
        kind: fc.constant('media'),
        media: fc.constantFrom('image', 'audio', 'file', 'video'),
        source,
        detail: fc.constantFrom('auto', 'low', 'high'),
        filename: arbitraryText,
        transcript: arbitraryText,
        citations: fc.boolean(),
      },
      ['kind', 'media', 'source'],
    ),
    'hosted-tool': sparse<Extract<Part, { kind: 'hosted-tool' }>, 'kind' | 'dialect' | 'type' | 'value'>(
      { ...base, kind: fc.constant('hosted-tool'), ...wire },
      ['kind', 'dialect', 'type', 'value'],
    ),
    unknown: sparse<Extract<Part, { kind: 'unknown' }>, 'kind' | 'dialect' | 'type' | 'value'>(
      { ...base, kind: fc.constant('unknown'), ...wire },
      ['kind', 'dialect', 'type', 'value'],
    ),
  }
  const made = kinds
    .filter(kind => dialects.length > 0 || (kind !== 'hosted-tool' && kind !== 'unknown'))
    .map(kind => makers[kind])
  return fc.oneof(...made).map(({ item: _, ...part }) => part)
}

/** Log probabilities that add up to the text, as real ones do. */
function withTokens(part: Extract<Part, { kind: 'text' }>): Extract<Part, { kind: 'text' }> {
  const tokens = part.text.match(/.{1,3}/gsu) ?? []
  return { ...part, logprobs: tokens.map(token => ({ token, logprob: -0.5, top: [] })) }
}
