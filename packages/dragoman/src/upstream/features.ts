import type { Part } from '../ir/part.ts'
import type { GenerateRequest } from '../ir/request.ts'
import type { Feature } from '../providers/profile.ts'

/** A feature in use and where the caller asked for it, as a path of the model. */
export type UsedFeatures = ReadonlyMap<Feature, string>

/** The plain fields: present means used. */
const fields: readonly (readonly [Feature, string, (request: GenerateRequest) => boolean])[] = [
  ['candidates', 'candidates', r => (r.candidates ?? 1) > 1],
  ['stop', 'sampling.stop', r => (r.sampling.stop?.length ?? 0) > 0],
  ['max-tokens', 'maxTokens', r => r.maxTokens !== undefined],
  ['temperature', 'sampling.temperature', r => r.sampling.temperature !== undefined],
  ['top-p', 'sampling.topP', r => r.sampling.topP !== undefined],
  ['top-k', 'sampling.topK', r => r.sampling.topK !== undefined],
  ['seed', 'sampling.seed', r => r.sampling.seed !== undefined],
  ['penalties', 'sampling.frequencyPenalty', r => (r.sampling.frequencyPenalty ?? 0) !== 0],
  ['penalties', 'sampling.presencePenalty', r => (r.sampling.presencePenalty ?? 0) !== 0],
  ['logit-bias', 'sampling.logitBias', r => Object.keys(r.sampling.logitBias ?? {}).length > 0],
  ['logprobs', 'logprobs', r => r.logprobs !== undefined],
  ['output.json', 'output', r => r.output?.kind === 'json'],
  ['output.json-schema', 'output', r => r.output?.kind === 'json-schema'],
  ['output.audio', 'audio', r => r.modalities?.includes('audio') ?? false],
  ['tools', 'tools', r => (r.tools?.length ?? 0) > 0],
  ['tools.custom', 'tools', r => r.tools?.some(tool => tool.kind === 'custom') ?? false],
  [
    'tools.strict',
    'tools',
    r => r.tools?.some(tool => tool.kind === 'function' && tool.strict === true) ?? false,
  ],
  ['tool-choice.none', 'toolChoice', r => r.toolChoice?.mode === 'none' && (r.tools?.length ?? 0) > 0],
  ['tool-choice.required', 'toolChoice', r => r.toolChoice?.mode === 'required'],
  ['tool-choice.named', 'toolChoice', r => r.toolChoice?.mode === 'tool'],
  [
    'tool-choice.allowed',
    'toolChoice',
    r => r.toolChoice !== undefined && 'allowed' in r.toolChoice && r.toolChoice.allowed !== undefined,
  ],
  [
    'parallel-tool-calls',
    'parallelToolCalls',
    r => r.parallelToolCalls === false && (r.tools?.length ?? 0) > 0,
  ],
  ['reasoning.effort', 'reasoning.effort', r => r.reasoning?.effort !== undefined],
  ['reasoning.budget', 'reasoning.budget', r => r.reasoning?.budget !== undefined],
  ['role.developer', 'turns', r => r.turns.some(turn => turn.role === 'developer')],
  ['stream', 'stream', r => r.stream],
]

function partFeature(part: Part): Feature | undefined {
  if (part.kind !== 'media') return undefined
  switch (part.media) {
    case 'image':
      return part.source.type === 'url' ? 'input.image-url' : 'input.image'
    case 'audio':
      return 'input.audio'
    case 'file':
    case 'video':
      return 'input.file'
  }
}

/** The features this request uses, each with the first place where it does. */
export function featuresOf(request: GenerateRequest): UsedFeatures {
  const used = new Map<Feature, string>()
  for (const [feature, path, isUsed] of fields) {
    if (isUsed(request) && !used.has(feature)) used.set(feature, path)
  }
  // By index: this is walked on every call, and iterators of entries are most of what it would cost.
  for (let index = 0; index < request.turns.length; index++) {
    const parts = request.turns[index]?.parts ?? []
    for (let position = 0; position < parts.length; position++) {
      const part = parts[position]
      if (part?.kind !== 'tool-result' && part?.kind !== 'media') continue
      for (const piece of part.kind === 'tool-result' ? part.parts : [part]) {
        const feature = partFeature(piece)
        if (feature !== undefined && !used.has(feature))
          used.set(feature, `turns[${index}].parts[${position}]`)
      }
    }
  }
  return used
}
