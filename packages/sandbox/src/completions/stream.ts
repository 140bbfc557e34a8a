import { serverError } from '../faults.ts'
import type { JsonObject } from '../json.ts'
import type { Frame } from '../pace.ts'
import type { Stream } from '../spoil.ts'
import { DONE, dataFrame } from '../sse.ts'
import { deltas } from '../tokens.ts'
import {
  type CompletionReply,
  finishOf,
  logprobsObject,
  type PromptAnswer,
  promptText,
  saidBy,
  usageOf,
  weigh,
} from './reply.ts'

/** The stream of a completion: the last text of a choice carries its finish (card section 11). */
export function completionStream(reply: CompletionReply, usage: boolean): Stream {
  return {
    frames: frames(reply, usage),
    tokens: reply.completionTokens,
    opening: 0,
    fail: () => [dataFrame({ error: serverError })],
  }
}

function* frames(reply: CompletionReply, usage: boolean): Generator<Frame> {
  const { id, created, model } = reply
  const head = { id, object: 'text_completion', created }
  for (const [index, choice] of reply.choices.entries()) {
    for (const { piece, tokens } of pieces(reply, choice)) {
      const chunk = { ...head, choices: [{ ...piece, index }], model, ...(usage && { usage: null }) }
      yield { text: dataFrame(chunk), tokens }
    }
  }
  if (usage)
    yield {
      text: dataFrame({ ...head, model, usage: usageOf(reply), choices: [] }),
      tokens: 0,
    }
  yield { text: DONE, tokens: 0, terminator: true }
}

interface Piece {
  readonly piece: JsonObject
  readonly tokens: number
}

/** One delta late, because the last one must know that it is the last. */
function* pieces(reply: CompletionReply, choice: PromptAnswer): Generator<Piece> {
  const { tokenizer, echo, logprobs: top } = reply
  const weighed = weigh(reply, choice)
  let at = 0
  const said = (text: string, ids: readonly number[], tokens: number): Piece => {
    const logprobs = logprobsObject(weighed?.slice(at, at + ids.length) ?? null, top)
    at += ids.length
    return { piece: { text, logprobs, finish_reason: null }, tokens }
  }
  let waiting = echo ? said(promptText(reply, choice), choice.prompt, 0) : null
  for (const delta of deltas(saidBy(choice.answer), tokenizer)) {
    if (waiting) yield waiting
    waiting = said(delta.text, delta.ids, delta.ids.length)
  }
  const last = waiting ?? said('', [], 0)
  yield { ...last, piece: { ...last.piece, finish_reason: finishOf(choice.answer) } }
}
