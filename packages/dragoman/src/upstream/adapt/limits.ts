import type { DialectId } from '../../ir/extra.ts'
import type { Feature } from '../../providers/profile.ts'
import type { ToolLimits } from './adaptation.ts'

/** What a wire has no word for at all, so that an adaptation can stand in before the encoder has to refuse. */
export const dialectLacks: { readonly [D in DialectId]?: readonly Feature[] } = {
  'openai-responses': ['candidates', 'stop'],
  'anthropic-messages': [
    ...(['candidates', 'output.json', 'tools.custom', 'tool-choice.allowed'] as const),
    ...(['turns.assistant-first', 'turns.same-role', 'turns.empty', 'turns.undeclared-tools'] as const),
  ],
  gemini: ['tools.custom', 'turns.assistant-first', 'turns.empty'],
  // Its encoder stands in for the choice `none`, because a history with calls needs its tools declared.
  'bedrock-converse': [
    ...(['candidates', 'output.json', 'tools.custom', 'tool-choice.allowed'] as const),
    ...(['turns.assistant-first', 'turns.same-role', 'turns.empty', 'turns.undeclared-tools'] as const),
  ],
  cohere: [
    ...(['candidates', 'tools.custom', 'tool-choice.named', 'tool-choice.allowed'] as const),
    ...(['parallel-tool-calls', 'logit-bias', 'input.audio', 'output.audio'] as const),
    'tool-results.media',
  ],
}

const openai: ToolLimits = { name: /^[a-zA-Z0-9_-]{1,64}$/, id: /^.{1,40}$/s, idLength: 40 }

/** Patterns of the wires: the SDKs' types and the 400s they document. */
export const toolLimits: { readonly [D in DialectId]?: ToolLimits } = {
  gemini: { name: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/, id: /^.{1,64}$/s, idLength: 64 },
  'openai-chat': openai,
  'openai-responses': { ...openai, id: /^.{1,64}$/s, idLength: 64 },
  'anthropic-messages': { name: /^[a-zA-Z0-9_-]{1,64}$/, id: /^[a-zA-Z0-9_-]{1,64}$/, idLength: 64 },
  'bedrock-converse': { name: /^[a-zA-Z0-9_-]{1,64}$/, id: /^[a-zA-Z0-9_.:-]{1,64}$/, idLength: 64 },
  cohere: { name: /^[a-zA-Z_][a-zA-Z0-9_]{0,255}$/, id: /^.+$/s, idLength: 64 },
}

export const unlimited: ToolLimits = { name: /^.+$/s, id: /^.+$/s, idLength: 64 }
