import { NoteLog } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import type { CompactCodec, Render } from '../../core/dialect.ts'
import { createFault } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { Part } from '../../ir/part.ts'
import type { Reply } from '../../ir/reply.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { isObject } from '../../wire/json.ts'
import { decodeInBandError } from './error.ts'
import { createIds } from './ids.ts'
import { encodeItems } from './items-encode.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { writeSummary } from './summary.ts'
import { decodeUsage, encodeUsage } from './usage.ts'
import { dialect, present, speaker } from './wire.ts'

/** openai-node 7.57.0 `ResponseCompactParams`. */
const accepted: ReadonlySet<string> = new Set([
  ...['image', 'input', 'instructions', 'model', 'previous_response_id', 'prompt_cache_key'],
  ...['prompt_cache_options', 'prompt_cache_retention', 'service_tier'],
])

/** An item of a compaction, which is to be sent back as it is: user messages, and the one that stands for the rest. */
const verbatim = (value: JsonObject): Part => ({
  kind: 'unknown',
  dialect,
  type: typeof value.type === 'string' ? value.type : 'message',
  value,
})

function encodeReply(reply: Reply, render: Render): Encoded<JsonObject> {
  const notes = new NoteLog(speaker)
  const ids = createIds(render, true, notes)
  const parts = reply.candidates[0]?.parts ?? []
  const value = {
    id: (reply.dialect === dialect ? reply.id : undefined) ?? `resp_${render.id}`,
    object: 'response.compaction',
    created_at: reply.created ?? render.created,
    output: encodeItems({ parts }, { role: 'assistant', path: 'reply.candidates[0]', notes, ids }),
    usage: encodeUsage(
      reply.usage ?? { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, source: 'estimated' },
    ),
  }
  return { value, notes: notes.list }
}

/** What the user said, word for word, and a summary of everything in the place of the rest. */
function compose(request: GenerateRequest, summary: string): readonly Part[] {
  const notes = new NoteLog(speaker)
  // A summary of ours that is summarized again is in the new one.
  const said = request.turns.filter(
    ({ role, items = [] }) => role === 'user' && !items.some(({ type }) => type === 'compaction'),
  )
  const messages = said.flatMap(turn => encodeItems(turn, { role: 'user', path: 'turns', notes }))
  return [...messages, writeSummary(summary)].map(verbatim)
}

/** `POST /responses/compact`: a conversation in, a shorter one that means the same out (`CompactedResponse`). */
export const compactConversation: CompactCodec = {
  decodeRequest,
  encodeRequest(request) {
    const { value, notes } = encodeRequest(request)
    const kept = Object.fromEntries(Object.entries(value).filter(([name]) => accepted.has(name)))
    return { value: kept, notes }
  },
  decodeReply(wire) {
    const { id, created_at: created, output, error = null } = wire
    if (error !== null) return { ok: false, fault: decodeInBandError(error) }
    if (!isList(output)) {
      return { ok: false, fault: createFault('upstream_invalid', 'The upstream answered no compaction.') }
    }
    const parts = output.filter(isObject).map(verbatim)
    const value = present<Reply>({
      dialect,
      id: typeof id === 'string' ? id : undefined,
      created: typeof created === 'number' ? created : undefined,
      candidates: [{ index: 0, parts, finish: { reason: 'stop' } }],
      usage: decodeUsage(wire.usage),
    })
    return { ok: true, value }
  },
  encodeReply,
  compose,
}
