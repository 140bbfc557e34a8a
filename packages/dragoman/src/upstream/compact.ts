import { type Answer, faultAnswer } from '../core/answer.ts'
import { type Aimed, knownAs, type Operations } from '../core/call.ts'
import type { Payload } from '../core/payload.ts'
import { findDialect } from '../dialects/registry.ts'
import { createFault } from '../ir/fault.ts'
import type { Part, ToolCallPart, ToolResultPart } from '../ir/part.ts'
import type { Reply } from '../ir/reply.ts'
import type { GenerateRequest, Turn } from '../ir/request.ts'
import { findBinding, type Provider } from '../providers/provider.ts'

/** Nobody at this provider compacts conversations for this caller. */
export function mustSummarize(call: Aimed, provider: Provider): boolean {
  return (
    call.operation === 'compact' &&
    findBinding(provider, 'compact', call.dialect, knownAs(call.target)) === undefined
  )
}

type Body = Payload<Operations['generate']['request']>

/**
 * A compaction by the model itself: it is asked for a summary, which stands for everything but what the user said. One
 * more call, which is told.
 */
export async function summarize(call: Aimed, attempt: (call: Aimed) => Promise<Answer>): Promise<Answer> {
  const body = call.body as Body // both operations ask with the same model
  const decoded = body.value()
  if (!decoded.ok) return faultAnswer(decoded.fault)
  call.journal.note({
    kind: 'emulated',
    path: 'input',
    reason:
      'This target compacts no conversations: it was asked for a summary of this one, which stands for it.',
    cost: 1,
  })
  // An edit of ours: neither are bytes relayed, nor is the answer.
  const needs = { ...call.needs, observe: true }
  const asking: Aimed = {
    ...call,
    operation: 'generate',
    stream: false,
    body: body.withValue(askForSummary(decoded.value)),
    needs,
  }
  const answer = await attempt(asking)
  if (answer.kind !== 'whole' || answer.body.form !== 'value') return answer
  const reply = answer.body.value as Reply // what was asked for was a generation
  const summary = textOf(reply)
  const compose = findDialect(call.dialect)?.compact?.compose
  if (summary === '' || compose === undefined) {
    return faultAnswer(createFault('upstream_invalid', 'The model answered without a summary.'))
  }
  const candidate = { index: 0, parts: compose(decoded.value, summary), finish: { reason: 'stop' as const } }
  const { usage } = reply
  const made: Reply = { candidates: [candidate], ...(usage === undefined ? {} : { usage }) }
  return { kind: 'whole', body: { form: 'value', value: made } }
}

function textOf({ candidates }: Reply): string {
  const texts = candidates[0]?.parts.flatMap(part => (part.kind === 'text' ? [part.text] : [])) ?? []
  return texts.join('').trim()
}

const instruction = `Write a summary of the conversation above for a model that will continue it. That model sees the \
summary and what the user wrote, and nothing else. Keep what it needs: what was decided and why, facts and results \
that were found, names, numbers, paths and identifiers exactly as they stood, what has been done, and what is still \
open. Do not answer the last message and do not address the user. Write plain text only.`

/** The conversation without its machinery: every target can read it, whatever it thinks of calls and their results. */
function askForSummary({ model, instructions, turns, vocabulary }: GenerateRequest): GenerateRequest {
  const question: Turn = { role: 'user', parts: [{ kind: 'text', text: instruction }] }
  return {
    model,
    ...(vocabulary === undefined ? {} : { vocabulary }),
    ...(instructions === undefined ? {} : { instructions }),
    turns: [...turns.flatMap(spokenTurn), question],
    sampling: {},
    hints: {},
    stream: false,
  }
}

function spokenTurn({ role, parts }: Turn): readonly Turn[] {
  const spoken = parts.flatMap(spokenPart)
  // What a tool answered is told to the model like everything else that came from outside.
  return spoken.length === 0 ? [] : [{ role: role === 'tool' ? 'user' : role, parts: spoken }]
}

function spokenPart(part: Part): readonly Part[] {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      return part.text === '' ? [] : [{ kind: 'text', text: part.text }]
    case 'media':
      return [part]
    case 'tool-call':
      return [{ kind: 'text', text: spokenCall(part) }]
    case 'tool-result':
      return spokenResult(part)
    case 'thinking':
    case 'hosted-tool':
      return []
    case 'unknown':
      return [part]
  }
}

const spokenCall = ({ name, arguments: args }: ToolCallPart): string =>
  `[Called ${name} with ${args || '{}'}]`

function spokenResult({ parts, isError }: ToolResultPart): readonly Part[] {
  const head = isError === true ? '[The call failed:]' : '[The call returned:]'
  return [{ kind: 'text', text: head }, ...parts.flatMap(spokenPart)]
}
