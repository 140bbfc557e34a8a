// From a question to answers: what to say, then what of it the tokens, stop sequences and bans leave.
import type { Answer, Call, Draft, Finish } from './answer.ts'
import type { Fault } from './faults.ts'
import type { Effort } from './models.ts'
import type { Question } from './question.ts'
import { hash } from './random.ts'
import { instance } from './schema/instance.ts'
import { compose } from './text/compose.ts'
import { jsonObject } from './text/json.ts'
import { type Reading, readConversation } from './text/reading.ts'
import { cited, lengthy, REFUSAL, UNICODE } from './text/scripted.ts'
import { think } from './text/think.ts'
import { deltas, type Tokenizer, type Tokens } from './tokens.ts'
import { decideCalls, inventedTool } from './tools/decide.ts'

/** Tokens of reasoning an effort is worth. */
const THINKING: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 16,
  low: 64,
  medium: 192,
  high: 512,
  xhigh: 1024,
  max: 2048,
}

/** As many answers as were asked for. The same question gets the same answers, whatever wire it came by. */
export function answer(question: Question, tokenizer: Tokenizer): readonly Answer[] {
  const reading = readConversation(question)
  const seed = seedOf(question)
  return Array.from({ length: question.count }, (_, index) =>
    measure(draft(question, reading, index, index === 0 ? seed : hash(seed, index)), question, tokenizer),
  )
}

/** Everything that may change the words, and nothing that must not: not the limit, not how the answer is delivered. */
export function seedOf({ model, turns, sampling }: Question): number {
  const { temperature, topP, seed, presence, frequency } = sampling
  const spoken = turns.flatMap(turn => [
    turn.role,
    turn.text,
    ...turn.calls.flatMap(call => [call.name, call.input]),
    ...turn.media.map(media => `${media.kind}:${media.label}`),
  ])
  return hash(model.id, temperature, topP, seed, presence, frequency, ...spoken)
}

const SILENT = { thinking: '', text: null, refusal: null, calls: [], citations: [], filtered: false } as const

function draft(question: Question, reading: Reading, index: number, seed: number): Draft {
  const thinking =
    question.effort === 'none' ? '' : think(reading, seed, Math.ceil(THINKING[question.effort] / 10) + 1)
  const spoken = { ...SILENT, thinking }
  const { fault } = question.model
  const scripted = fault && scriptedDraft(fault, question, reading, seed)
  if (scripted) return { ...spoken, ...scripted }
  const speech = compose(reading, { seed, verbosity: question.verbosity, index, count: question.count })
  const calls = decideCalls(question, reading, speech, seed)
  if (calls.length > 0) return { ...spoken, calls }
  return {
    ...spoken,
    text: formatted(question, reading, speech, seed),
    filtered: fault?.kind === 'answer' && fault.change === 'filter',
  }
}

function formatted({ format }: Question, reading: Reading, speech: string, seed: number): string {
  if (format.kind === 'schema') return JSON.stringify(instance(format.schema, reading.words, speech, seed))
  return format.kind === 'json' ? jsonObject(reading, speech, seed) : speech
}

/** What a fault says instead of an answer; null where it says nothing of its own. */
function scriptedDraft(
  fault: Fault,
  question: Question,
  reading: Reading,
  seed: number,
): Partial<Draft> | null {
  if (fault.kind === 'stream' && fault.spoil === 'cut-tool') {
    const tools = question.tools.length > 0 ? question.tools : [inventedTool]
    const forced: Question = { ...question, tools, choice: { mode: 'required', among: null } }
    return { calls: decideCalls(forced, reading, reading.said, seed) }
  }
  if (fault.kind !== 'answer') return null
  switch (fault.change) {
    case 'refuse':
      return { refusal: REFUSAL }
    case 'unicode':
      return { text: UNICODE }
    case 'cites':
      return cited(reading)
    case 'long':
    case 'length':
      return { text: lengthy(seed, fault.tokens) }
    default:
      return null
  }
}

function measure(draft: Draft, question: Question, tokenizer: Tokenizer): Answer {
  const budget = createBudget(limitOf(question))
  const thinking = budget.take(tokenizer.encode(draft.thinking).slice(0, THINKING[question.effort])).length
  const said = (text: string | null) => (text === null ? null : speak(text, question, tokenizer, budget))
  const refusal = said(draft.refusal)
  const full = said(draft.text)
  const calls: Call[] = []
  let names = 0
  for (const call of draft.calls) {
    names += budget.take(tokenizer.encode(call.name)).length
    if (budget.spent) break
    const input = { ids: budget.take(tokenizer.encode(call.input)), cut: null }
    calls.push({ kind: call.kind, name: call.name, input })
  }
  const text = draft.filtered && full ? half(full) : full
  const inputs = calls.reduce((sum, call) => sum + size(call.input), 0)
  return {
    thinking,
    // An answer that ran out of tokens while thinking, or before its first call, is empty and not absent.
    text: text ?? (refusal === null && calls.length === 0 ? { ids: [], cut: null } : null),
    refusal,
    calls,
    citations: full?.cut === null && !budget.spent ? draft.citations : [],
    finish: finishOf(draft, calls, full, budget.spent),
    tokens: thinking + size(text) + size(refusal) + names + inputs,
  }
}

const size = (tokens: Tokens | null): number => tokens?.ids.length ?? 0
const half = (tokens: Tokens): Tokens => ({
  ids: tokens.ids.slice(0, Math.ceil(tokens.ids.length / 2)),
  cut: null,
})

function finishOf(draft: Draft, calls: readonly Call[], text: Tokens | null, spent: boolean): Finish {
  if (draft.filtered) return 'content_filter'
  if (text && text.cut !== null) return 'stop'
  if (spent) return 'length'
  return calls.length > 0 ? 'tool_calls' : 'stop'
}

function limitOf({ limit, model }: Question): number {
  const fault = model.fault?.kind === 'answer' ? model.fault : null
  // The long answer has as many tokens as its name says, and then stops by itself.
  if (fault?.change === 'long') return limit
  return fault?.change === 'length' ? Math.min(limit, fault.tokens) : Math.min(limit, model.output)
}

interface Budget {
  readonly spent: boolean
  take(ids: readonly number[]): readonly number[]
}

/** A model that reaches its limit cannot say that it was about to stop: reaching it is running into it. */
function createBudget(limit: number): Budget {
  let left = limit
  return {
    get spent() {
      return left <= 0
    },
    take: ids => {
      const taken = ids.slice(0, Math.max(0, left))
      left -= taken.length
      return taken
    },
  }
}

/** Text in tokens: banned ones are not said, and the first stop sequence, however tokens divide it, ends the text. */
function speak(text: string, question: Question, tokenizer: Tokenizer, budget: Budget): Tokens {
  const { banned, stop, model, format } = question
  const all = tokenizer.encode(text)
  // Without a token an object could not be closed: under a format the grammar is stronger than the bias.
  const allowed = banned.size === 0 || format.kind !== 'text' ? all : all.filter(id => !banned.has(id))
  const wanted =
    model.fault?.kind === 'answer' && model.fault.change === 'long' ? model.fault.tokens : allowed.length
  const ids = budget.take(allowed.slice(0, wanted))
  return stop.length === 0 ? { ids, cut: null } : cutAt(ids, stop, tokenizer)
}

function cutAt(ids: readonly number[], stop: readonly string[], tokenizer: Tokenizer): Tokens {
  const whole: Tokens = { ids, cut: null }
  let text = ''
  for (const delta of deltas(whole, tokenizer)) text += delta.text
  const found = stop.map(one => text.indexOf(one)).filter(at => at >= 0)
  if (found.length === 0) return whole
  const cut = Math.min(...found)
  const kept: number[] = []
  let length = 0
  for (const delta of deltas(whole, tokenizer)) {
    if (length >= cut) break
    kept.push(...delta.ids)
    length += delta.text.length
  }
  return { ids: kept, cut }
}
