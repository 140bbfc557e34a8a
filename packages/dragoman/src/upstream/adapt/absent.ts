import type { GenerateRequest } from '../../ir/request.ts'
import type { Tool } from '../../ir/tool.ts'
import type { Feature } from '../../providers/profile.ts'
import type { Adapter } from './adaptation.ts'

interface Removal {
  readonly feature: Feature
  /** `dropped` where it is a hint, `refused` where the answer would mean something else (DESIGN, unsupported parameters). */
  readonly kind: 'dropped' | 'refused'
  without(request: GenerateRequest): GenerateRequest
}

const withoutSampling =
  (...names: (keyof GenerateRequest['sampling'])[]) =>
  (request: GenerateRequest): GenerateRequest => ({
    ...request,
    sampling: Object.fromEntries(
      Object.entries(request.sampling).filter(([name]) => !names.some(gone => gone === name)),
    ),
  })

function withoutMedia(matches: (media: string, source: string) => boolean) {
  return (request: GenerateRequest): GenerateRequest => ({
    ...request,
    turns: request.turns.map(turn => ({
      ...turn,
      parts: turn.parts.filter(part => part.kind !== 'media' || !matches(part.media, part.source.type)),
    })),
  })
}

function withoutStrict(tool: Tool): Tool {
  if (tool.kind !== 'function' || tool.strict !== true) return tool
  const { strict: _, ...rest } = tool
  return rest
}

/** What no emulation stands in for: it is left out, and the note says so. */
const removals: readonly Removal[] = [
  { feature: 'temperature', kind: 'dropped', without: withoutSampling('temperature') },
  { feature: 'top-p', kind: 'dropped', without: withoutSampling('topP') },
  { feature: 'top-k', kind: 'dropped', without: withoutSampling('topK') },
  { feature: 'seed', kind: 'dropped', without: withoutSampling('seed') },
  { feature: 'penalties', kind: 'dropped', without: withoutSampling('frequencyPenalty', 'presencePenalty') },
  { feature: 'logit-bias', kind: 'refused', without: withoutSampling('logitBias') },
  { feature: 'stop', kind: 'refused', without: withoutSampling('stop') },
  { feature: 'logprobs', kind: 'refused', without: ({ logprobs: _, ...rest }) => rest },
  { feature: 'candidates', kind: 'refused', without: ({ candidates: _, ...rest }) => rest },
  { feature: 'output.json', kind: 'refused', without: ({ output: _, ...rest }) => rest },
  { feature: 'output.json-schema', kind: 'refused', without: ({ output: _, ...rest }) => rest },
  { feature: 'output.audio', kind: 'refused', without: ({ audio: _, modalities: __, ...rest }) => rest },
  {
    feature: 'tools',
    kind: 'refused',
    without: ({ tools: _, toolChoice: __, parallelToolCalls: ___, ...rest }) => rest,
  },
  {
    feature: 'tools.custom',
    kind: 'refused',
    without: request => ({ ...request, tools: request.tools?.filter(tool => tool.kind !== 'custom') ?? [] }),
  },
  {
    feature: 'tools.strict',
    kind: 'dropped',
    without: request => ({ ...request, tools: request.tools?.map(withoutStrict) ?? [] }),
  },
  { feature: 'parallel-tool-calls', kind: 'dropped', without: ({ parallelToolCalls: _, ...rest }) => rest },
  { feature: 'reasoning.effort', kind: 'dropped', without: ({ reasoning: _, ...rest }) => rest },
  { feature: 'reasoning.budget', kind: 'dropped', without: ({ reasoning: _, ...rest }) => rest },
  {
    feature: 'input.image',
    kind: 'refused',
    without: withoutMedia((media, source) => media === 'image' && source !== 'url'),
  },
  {
    feature: 'input.image-url',
    kind: 'refused',
    without: withoutMedia((media, source) => media === 'image' && source === 'url'),
  },
  { feature: 'input.audio', kind: 'refused', without: withoutMedia(media => media === 'audio') },
  {
    feature: 'input.file',
    kind: 'refused',
    without: withoutMedia(media => media === 'file' || media === 'video'),
  },
]

/** Leaves out what the target lacks and nothing before this emulated. Comes after the emulations. */
export const leaveOutAbsent: Adapter = (_, context) => {
  const needed = removals.filter(
    removal => context.used.has(removal.feature) && context.lacks(removal.feature),
  )
  if (needed.length === 0) return undefined
  return {
    id: 'leave-out-absent',
    request: request => ({
      value: needed.reduce((value, removal) => removal.without(value), request),
      notes: needed.map(removal => ({
        kind: removal.kind,
        path: context.used.get(removal.feature) ?? removal.feature,
        reason: context.why(removal.feature),
      })),
    }),
  }
}
