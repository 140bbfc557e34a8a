import type { Answer } from '../answer.ts'
import { serverError } from '../faults.ts'
import type { Json, JsonObject } from '../json.ts'
import { logprobsOf } from '../logprobs.ts'
import type { Frame } from '../pace.ts'
import { hash } from '../random.ts'
import type { Stream } from '../spoil.ts'
import { DONE, dataFrame, obfuscation } from '../sse.ts'
import { deltas, type Tokens } from '../tokens.ts'
import { chatUsage } from '../usage.ts'
import { annotation, type ChatReply, chatCall, finishOf } from './reply.ts'

export interface ChatStreamOptions {
  readonly usage: boolean
  readonly obfuscation: boolean
}

/** What one choice says in one chunk. */
interface Said {
  readonly delta: JsonObject
  readonly finish?: string
  readonly logprobs?: Json
  readonly tokens: number
  /** What the padding hides the length of. */
  readonly text: string
}

/** The stream of a chat completion: grammar of card section 8.3, keys of capture openai-text in their order. */
export function chatStream(reply: ChatReply, options: ChatStreamOptions): Stream {
  return {
    frames: frames(reply, options),
    tokens: reply.answers.reduce((sum, answer) => sum + answer.tokens - answer.thinking, 0),
    opening: 0,
    fail: () => [dataFrame({ error: serverError })],
  }
}

function* frames(reply: ChatReply, options: ChatStreamOptions): Generator<Frame> {
  let number = 0
  const chunk = (choices: readonly JsonObject[], usage: JsonObject | null, text: string): string => {
    number += 1
    return dataFrame({
      id: reply.id,
      object: 'chat.completion.chunk',
      created: reply.created,
      model: reply.model,
      service_tier: reply.tier,
      system_fingerprint: reply.fingerprint,
      choices,
      ...(options.usage && { usage }),
      ...(options.obfuscation && { obfuscation: obfuscation(text, 10, reply.id, number) }),
    })
  }
  for (const [index, said] of interleaved(
    reply.answers.map((answer, index) => speak(reply, answer, index)),
  )) {
    const choice = {
      index,
      delta: said.delta,
      logprobs: said.logprobs ?? null,
      finish_reason: said.finish ?? null,
    }
    yield { text: chunk([choice], null, said.text), tokens: said.tokens }
  }
  if (options.usage) yield { text: chunk([], chatUsage(reply.cost), ''), tokens: 0 }
  yield { text: DONE, tokens: 0, terminator: true }
}

/** One chunk of each choice in turn, as an engine that samples them side by side sends them. */
function* interleaved(speakers: readonly Iterator<Said>[]): Generator<readonly [number, Said]> {
  const open = new Map(speakers.entries())
  while (open.size > 0) {
    for (const [index, speaker] of open) {
      const next = speaker.next()
      if (next.done) open.delete(index)
      else yield [index, next.value]
    }
  }
}

function* speak(reply: ChatReply, answer: Answer, index: number): Generator<Said> {
  const content = answer.text === null ? null : ''
  const role = { role: 'assistant', content, refusal: null }
  // Reasoning is not shown on chat, but it takes its time before the first word.
  yield { delta: role, tokens: answer.thinking, text: '' }
  if (answer.text) yield* words(reply, answer.text, index, 'content')
  if (answer.refusal) yield* words(reply, answer.refusal, index, 'refusal')
  for (const at of answer.calls.keys()) yield* call(reply, answer, index, at)
  const annotations = answer.citations.map(annotation)
  if (annotations.length > 0) yield { delta: { annotations }, tokens: 0, text: '' }
  yield { delta: {}, finish: finishOf(reply, answer), tokens: 0, text: '' }
}

function* words(
  reply: ChatReply,
  tokens: Tokens,
  index: number,
  field: 'content' | 'refusal',
): Generator<Said> {
  const { logprobs, tokenizer } = reply
  const seed = hash(reply.seed, index)
  let at = 0
  for (const delta of deltas(tokens, tokenizer)) {
    const weighed =
      logprobs === null
        ? null
        : { content: null, refusal: null, [field]: logprobsOf(delta, tokenizer, logprobs, seed, at) }
    at += delta.ids.length
    yield {
      delta: { [field]: delta.text },
      tokens: delta.ids.length,
      text: delta.text,
      logprobs: weighed,
    }
  }
}

/** First the id, the type and the name with empty arguments, then the arguments alone. */
function* call(reply: ChatReply, answer: Answer, index: number, at: number): Generator<Said> {
  const made = answer.calls[at]
  if (!made) return
  const head = chatCall(reply, made, index, at, '')
  const wrap = (part: JsonObject): JsonObject =>
    reply.legacy ? { function_call: part.function ?? {} } : { tool_calls: [{ index: at, ...part }] }
  const name = reply.tokenizer.count(made.name)
  yield { delta: wrap(head), tokens: name, text: '' }
  for (const delta of deltas(made.input, reply.tokenizer)) {
    const part =
      made.kind === 'custom' ? { custom: { input: delta.text } } : { function: { arguments: delta.text } }
    yield { delta: wrap(part), tokens: delta.ids.length, text: delta.text }
  }
}
