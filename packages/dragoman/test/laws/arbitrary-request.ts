import fc from 'fast-check'
import type { JsonObject } from '../../src/ir/json.ts'
import type { PartKind } from '../../src/ir/part.ts'
import type { GenerateRequest, OutputFormat, Turn } from '../../src/ir/request.ts'
import type { Tool, ToolChoice, ToolReference } from '../../src/ir/tool.ts'
import { arbitraryCache, arbitraryPart } from './arbitrary-part.ts'
import {
  type ArbitraryOptions,
  allDialects,
  arbitraryExtra,
  arbitraryName,
  arbitraryObject,
  arbitraryText,
  sparse,
} from './arbitrary-values.ts'

function arbitraryTurn(options: ArbitraryOptions): fc.Arbitrary<Turn> {
  const parts = (kinds: readonly PartKind[]) => {
    const wanted = kinds.filter(kind => options.kinds?.includes(kind) ?? true)
    return fc.array(arbitraryPart({ ...options, kinds: wanted.length === 0 ? ['text'] : wanted }), {
      minLength: 1,
      maxLength: 3,
    })
  }
  const turn = (role: Turn['role'], kinds: readonly PartKind[]) =>
    fc.record({ role: fc.constant(role), parts: parts(kinds) })
  return fc.oneof(
    turn('system', ['text']),
    turn('developer', ['text']),
    turn('user', ['text', 'media', 'unknown']),
    turn('assistant', ['text', 'thinking', 'tool-call', 'refusal', 'hosted-tool', 'unknown']),
    turn('tool', ['tool-result']),
  )
}

const reference: fc.Arbitrary<ToolReference> = fc.record({
  kind: fc.constantFrom('function' as const, 'custom' as const),
  name: arbitraryName,
})

function arbitraryTool(options: ArbitraryOptions): fc.Arbitrary<Tool> {
  const { dialects = allDialects } = options
  const named = {
    name: arbitraryName,
    description: arbitraryText,
    cache: arbitraryCache,
    extra: arbitraryExtra(dialects),
  }
  const functionTool = sparse<Extract<Tool, { kind: 'function' }>, 'kind' | 'name'>(
    { ...named, kind: fc.constant('function'), parameters: arbitrarySchema, strict: fc.boolean() },
    ['kind', 'name'],
  )
  const customTool = sparse<Extract<Tool, { kind: 'custom' }>, 'kind' | 'name'>(
    {
      ...named,
      kind: fc.constant('custom'),
      grammar: fc.record({ syntax: fc.constantFrom('lark', 'regex'), definition: arbitraryText }),
    },
    ['kind', 'name'],
  )
  if (dialects.length === 0) return fc.oneof(functionTool, customTool)
  const hosted = fc.record({
    kind: fc.constant('hosted' as const),
    dialect: fc.constantFrom(...dialects),
    type: arbitraryName,
    value: arbitraryObject,
  })
  return fc.oneof(functionTool, customTool, hosted)
}

/** A JSON Schema of an object with a few properties. */
export const arbitrarySchema: fc.Arbitrary<JsonObject> = fc
  .uniqueArray(arbitraryName, { maxLength: 3 })
  .map(names => ({
    type: 'object',
    properties: Object.fromEntries(names.map(name => [name, { type: 'string' }])),
    required: names,
    additionalProperties: false,
  }))

const toolChoice: fc.Arbitrary<ToolChoice> = fc.oneof(
  sparse<Extract<ToolChoice, { readonly mode: 'auto' | 'required' | 'none' }>, 'mode'>(
    {
      mode: fc.constantFrom('auto', 'required', 'none'),
      allowed: fc.array(reference, { minLength: 1, maxLength: 2 }),
      extra: fc.constant({}),
    },
    ['mode'],
  ),
  fc.record({ mode: fc.constant('tool' as const), tool: reference }),
)

const output: fc.Arbitrary<OutputFormat> = fc.oneof(
  fc.record({ kind: fc.constantFrom('text' as const, 'json' as const) }),
  sparse<Extract<OutputFormat, { readonly kind: 'json-schema' }>, 'kind'>(
    {
      kind: fc.constant('json-schema'),
      name: arbitraryName,
      description: arbitraryText,
      schema: arbitrarySchema,
      strict: fc.boolean(),
      extra: fc.constant({}),
    },
    ['kind'],
  ),
)

/** A request with every field now and then. It need not make sense to any provider. */
export function arbitraryRequest(options: ArbitraryOptions = {}): fc.Arbitrary<GenerateRequest> {
  const unit = fc.double({ min: 0, max: 1, noNaN: true })
  const effort = fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh')
  // The plan writes `vocabulary`: no wire has it to decode.
  return sparse<Omit<GenerateRequest, 'vocabulary'>, 'model' | 'turns' | 'sampling' | 'hints' | 'stream'>(
    {
      model: arbitraryName,
      instructions: fc.array(arbitraryPart({ ...options, kinds: ['text'] }), { minLength: 1, maxLength: 2 }),
      turns: fc.array(arbitraryTurn(options), { minLength: 1, maxLength: 4 }),
      tools: fc.array(arbitraryTool(options), { minLength: 1, maxLength: 3 }),
      toolChoice,
      parallelToolCalls: fc.boolean(),
      output,
      sampling: sparse<GenerateRequest['sampling'], never>(
        {
          temperature: unit,
          topP: unit,
          topK: fc.nat({ max: 100 }),
          seed: fc.nat(),
          stop: fc.array(arbitraryText, { minLength: 1, maxLength: 2 }),
          frequencyPenalty: unit,
          presencePenalty: unit,
          logitBias: fc.dictionary(fc.nat({ max: 9999 }).map(String), fc.integer({ min: -100, max: 100 }), {
            maxKeys: 2,
          }),
        },
        [],
      ),
      maxTokens: fc.integer({ min: 1, max: 4096 }),
      reasoning: sparse<NonNullable<GenerateRequest['reasoning']>, never>(
        {
          effort,
          budget: fc.integer({ min: 1024, max: 8192 }),
          mode: fc.constantFrom('on', 'off', 'adaptive'),
          summary: fc.constantFrom('auto', 'concise', 'detailed'),
          extra: arbitraryExtra(options.dialects),
        },
        [],
      ),
      logprobs: sparse<NonNullable<GenerateRequest['logprobs']>, never>({ top: fc.nat({ max: 20 }) }, []),
      candidates: fc.integer({ min: 1, max: 4 }),
      modalities: fc.constantFrom(['text'], ['text', 'audio']),
      audio: fc.record({ voice: arbitraryName, format: fc.constantFrom('wav', 'mp3') }),
      cache: arbitraryCache,
      // `replay` is a word between ourselves: no wire has it to decode.
      hints: sparse<Omit<GenerateRequest['hints'], 'replay'>, never>(
        {
          user: arbitraryName,
          safetyIdentifier: arbitraryName,
          metadata: fc.dictionary(arbitraryName, arbitraryText, { maxKeys: 2 }),
          serviceTier: fc.constantFrom('auto', 'default', 'priority'),
          promptCacheKey: arbitraryName,
          verbosity: fc.constantFrom('low', 'medium', 'high'),
          store: fc.boolean(),
          prediction: fc.record({ type: fc.constant('content'), content: arbitraryText }),
        },
        [],
      ),
      stream: fc.boolean(),
      streamUsage: fc.boolean(),
      extra: arbitraryExtra(options.dialects),
    },
    ['model', 'turns', 'sampling', 'hints', 'stream'],
  )
}
