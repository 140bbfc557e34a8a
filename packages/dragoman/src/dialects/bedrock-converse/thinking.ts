import type { Notes } from '../../core/codec/notes.ts'
import { encodeSwitch, switchTypeOf, thinkingModes } from '../../core/codec/thinking.ts'
import { defined, objectsOf } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Reasoning } from '../../ir/request.ts'
import { isObject, own } from '../../wire/json.ts'
import { asExtra, ownExtra, withExtra } from './wire.ts'

/** `thinking` of models that switch reasoning by it; a type nobody knows says nothing and stays where it is. */
export function decodeThinking(wire: JsonObject): Reasoning | undefined {
  const { type, budget_tokens: budget, display, ...rest } = wire
  const mode = typeof type === 'string' ? own(thinkingModes, type) : undefined
  if (mode === undefined) return undefined
  const isSummarized = display === 'summarized'
  return defined({
    mode,
    budget: typeof budget === 'number' ? budget : undefined,
    summary: isSummarized ? 'auto' : undefined,
    extra: asExtra(display === undefined || isSummarized ? rest : { ...rest, display }),
  })
}

export interface WrittenThinking {
  readonly thinking: JsonObject | undefined
  readonly effort: { readonly word: string | undefined }
  readonly budget: number | undefined
}

/** Reasoning as a switch with a budget, beside an effort in the wire's own word. */
export function encodeThinking(
  reasoning: Reasoning | undefined,
  messages: readonly JsonObject[],
  notes: Notes,
): WrittenThinking {
  if (reasoning === undefined) return { thinking: undefined, effort: { word: undefined }, budget: undefined }
  notes.foreign(reasoning, 'reasoning')
  const type = switchTypeOf(reasoning, notes)
  if (type === 'enabled' && hasLostItsThought(messages)) {
    const reason = 'the thought before the running calls cannot be sent back, so this turn goes on without'
    notes.add('dropped', 'reasoning', reason)
    return { thinking: undefined, effort: { word: undefined }, budget: undefined }
  }
  const { wire, effort, budget } = encodeSwitch(reasoning, type, notes)
  return { thinking: wire && withExtra(wire, ownExtra(reasoning)), effort: { word: effort }, budget }
}

/** Whether calls are under way in a turn that did not begin with a thought: with a budget the API demands it back. */
function hasLostItsThought(messages: readonly JsonObject[]): boolean {
  const asked = messages.findLastIndex(
    message =>
      message.role === 'user' && !objectsOf(message.content).some(block => isObject(block.toolResult)),
  )
  const turn = messages.slice(asked + 1).filter(message => message.role === 'assistant')
  const first = objectsOf(turn[0]?.content)[0]
  const usesTools = turn.some(message => objectsOf(message.content).some(block => isObject(block.toolUse)))
  return usesTools && !isObject(first?.reasoningContent)
}
