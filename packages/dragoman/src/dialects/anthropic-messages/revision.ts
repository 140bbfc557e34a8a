import { isList } from '../../core/codec/values.ts'
import { createFault, type Fault } from '../../ir/fault.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

/** The version from which a body is checked more strictly (card 1.1); versions are dates and compare as text. */
const strictFrom = '2026-10-21'

const refusedFields: readonly string[] = ['temperature', 'top_p', 'top_k']

/**
 * What a request of this `anthropic-version` may not say although earlier ones may: sampling parameters, documents
 * directly in an assistant message, citations on a user's text. Undefined where there is nothing to refuse.
 */
export function checkRevision(wire: JsonObject, revision: string | undefined): Fault | undefined {
  if (revision === undefined || revision < strictFrom) return undefined
  const refused = refusedFields.find(field => wire[field] !== undefined)
  if (refused !== undefined) return extraInput(refused)
  for (const [index, message] of listOf(wire.messages).entries()) {
    const path = isObject(message) ? findRefused(message, `messages[${index}].content`) : undefined
    if (path !== undefined) return extraInput(path)
  }
  return undefined
}

function extraInput(param: string): Fault {
  return createFault('invalid_request', `${param}: Extra inputs are not permitted`, { param })
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return isList(value) ? value : []
}

function findRefused(message: JsonObject, path: string): string | undefined {
  if (message.role === 'user') return findCitations(message.content, path)
  if (message.role !== 'assistant') return undefined
  const index = listOf(message.content).findIndex(block => isObject(block) && block.type === 'document')
  return index < 0 ? undefined : `${path}[${index}]`
}

/** Citations that are said, on text wherever it stands in a user message. `{enabled}` on documents is another thing. */
function findCitations(content: JsonValue | undefined, path: string): string | undefined {
  for (const [index, block] of listOf(content).entries()) {
    if (!isObject(block)) continue
    const here = `${path}[${index}]`
    if (block.type === 'text' && listOf(block.citations).length > 0) return `${here}.citations`
    const inside = findCitations(block.content, `${here}.content`)
    if (inside !== undefined) return inside
  }
  return undefined
}
