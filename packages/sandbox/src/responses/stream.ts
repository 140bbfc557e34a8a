import { serverError } from '../faults.ts'
import type { JsonObject } from '../json.ts'
import { logprobsOf } from '../logprobs.ts'
import type { Frame } from '../pace.ts'
import type { Stream } from '../spoil.ts'
import { eventFrame, obfuscation } from '../sse.ts'
import { type Delta, deltas, textOf } from '../tokens.ts'
import {
  callItem,
  citation,
  type Item,
  itemObject,
  itemsOf,
  logprobsIn,
  messageItem,
  partObject,
  type ResponseReply,
  reasoningItem,
  responseObject,
  statusOf,
} from './reply.ts'

interface Event extends JsonObject {
  readonly type: string
}

/** An event before it has its number, and what it weighs. */
interface Told {
  readonly event: Event
  readonly tokens?: number
  readonly terminator?: boolean
  /** The delta, whose length the padding hides. */
  readonly delta?: string
}

/** The stream of a response: order of card section 10.4, keys of the captures. */
export function responseStream(reply: ResponseReply, padded: boolean): Stream {
  let number = 0
  const write = ({ event, delta }: Told): string => {
    const { type, ...rest } = event
    const padding =
      delta !== undefined && padded ? { obfuscation: obfuscation(delta, 16, reply.ids.response, number) } : {}
    return eventFrame({ type, sequence_number: number++, ...rest, ...padding })
  }
  function* frames(): Generator<Frame> {
    for (const told of tell(reply))
      yield { text: write(told), tokens: told.tokens ?? 0, terminator: told.terminator === true }
  }
  return {
    frames: frames(),
    tokens: reply.answer.tokens - reply.answer.thinking,
    opening: 2,
    fail: () => failure(reply).map(event => write({ event })),
  }
}

/** Recorded from OpenAI: the nested error first, then the response that failed of it (capture openai-error.1). */
function failure(reply: ResponseReply): readonly Event[] {
  const { message, type, param } = serverError
  const code = 'server_error'
  return [
    { type: 'error', error: { type, code, message, param } },
    { type: 'response.failed', response: responseObject(reply, 'failed', [], { code, message }) },
  ]
}

function* tell(reply: ResponseReply): Generator<Told> {
  for (const type of ['response.created', 'response.in_progress'])
    yield { event: { type, response: responseObject(reply, 'in_progress', []) } }
  const items = itemsOf(reply)
  const end = statusOf(reply)
  const done: JsonObject[] = []
  for (const [index, item] of items.entries()) {
    const status = index === items.length - 1 ? end : 'completed'
    const whole = itemObject(reply, item, item.kind === 'reasoning' ? 'completed' : status)
    yield* tellItem(reply, item, index)
    yield {
      event: { type: 'response.output_item.done', output_index: index, item: whole },
    }
    done.push(whole)
  }
  yield { event: { type: `response.${end}`, response: responseObject(reply, end, done) }, terminator: true }
}

function tellItem(reply: ResponseReply, item: Item, index: number): Generator<Told> {
  if (item.kind === 'reasoning') return tellReasoning(reply, item.id, index)
  return item.kind === 'message' ? tellMessage(reply, item, index) : tellCall(reply, item, index)
}

const added = (index: number, item: JsonObject): Event => ({
  type: 'response.output_item.added',
  output_index: index,
  item,
})

function* tellReasoning(reply: ResponseReply, id: string, index: number): Generator<Told> {
  // The thinking itself is not shown, but it takes its time.
  yield { event: added(index, reasoningItem(id, [], false)), tokens: reply.answer.thinking }
  for (const [at, text] of reply.summary.entries()) {
    const place = { item_id: id, output_index: index, summary_index: at }
    const part = (words: string) => ({ type: 'summary_text', text: words })
    const name = 'response.reasoning_summary'
    yield { event: { type: `${name}_part.added`, ...place, part: part('') } }
    for (const { text: delta, ids } of inTokens(reply, text))
      yield {
        event: { type: `${name}_text.delta`, ...place, delta },
        tokens: ids.length,
        delta,
      }
    yield { event: { type: `${name}_text.done`, ...place, text } }
    yield { event: { type: `${name}_part.done`, ...place, part: part(text) } }
  }
}

const inTokens = ({ tokenizer }: ResponseReply, text: string): Generator<Delta> =>
  deltas({ ids: tokenizer.encode(text), cut: null }, tokenizer)

function* tellMessage(
  reply: ResponseReply,
  item: Extract<Item, { kind: 'message' }>,
  index: number,
): Generator<Told> {
  const place = { item_id: item.id, output_index: index, content_index: 0 }
  const spoken = item.part === 'output_text'
  const name = spoken ? 'response.output_text' : 'response.refusal'
  const empty = spoken
    ? { type: 'output_text', annotations: [], logprobs: [], text: '' }
    : { type: 'refusal', refusal: '' }
  yield { event: added(index, messageItem(item.id, [], 'in_progress')) }
  yield { event: { type: 'response.content_part.added', ...place, part: empty } }
  let at = 0
  for (const delta of deltas(item.tokens, reply.tokenizer)) {
    const weighed =
      reply.logprobs === null ? [] : logprobsOf(delta, reply.tokenizer, reply.logprobs, reply.seed, at)
    at += delta.ids.length
    yield {
      event: {
        type: `${name}.delta`,
        ...place,
        delta: delta.text,
        ...(spoken && { logprobs: weighed }),
      },
      tokens: delta.ids.length,
      delta: delta.text,
    }
  }
  for (const [at, one] of reply.answer.citations.entries())
    yield {
      event: {
        type: 'response.output_text.annotation.added',
        ...place,
        annotation_index: at,
        annotation: citation(one),
      },
    }
  const text = textOf(item.tokens, reply.tokenizer)
  const said = spoken ? { text, logprobs: logprobsIn(reply, item.tokens) } : { refusal: text }
  yield { event: { type: `${name}.done`, ...place, ...said } }
  yield {
    event: { type: 'response.content_part.done', ...place, part: partObject(reply, item) },
  }
}

function* tellCall(
  reply: ResponseReply,
  item: Extract<Item, { kind: 'call' }>,
  index: number,
): Generator<Told> {
  const place = { item_id: item.id, output_index: index }
  const name = item.custom ? 'response.custom_tool_call_input' : 'response.function_call_arguments'
  const field = item.custom ? 'input' : 'arguments'
  yield {
    event: added(index, callItem(item, '', 'in_progress')),
    tokens: reply.tokenizer.count(item.name),
  }
  for (const { text: delta, ids } of deltas(item.tokens, reply.tokenizer))
    yield {
      event: { type: `${name}.delta`, ...place, delta },
      tokens: ids.length,
      delta,
    }
  const text = textOf(item.tokens, reply.tokenizer)
  yield { event: { type: `${name}.done`, ...place, [field]: text } }
}
