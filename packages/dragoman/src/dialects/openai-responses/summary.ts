import { isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

/**
 * A compaction item that this gateway made: its `encrypted_content` is a summary under this mark. It is sealed against
 * nobody, because it says to its holder what its holder said, and a summary that somebody forges is a message that
 * they could have written as well.
 */
const mark = 'dragoman-summary-1.'

/** What stands before a summary where the model reads it. */
const preface = 'Summary of the conversation before this point, made to save room:\n\n'

const toBase64 = (text: string): string => {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function fromBase64(data: string): string | undefined {
  try {
    const binary = atob(data)
    return new TextDecoder().decode(Uint8Array.from(binary, character => character.charCodeAt(0)))
  } catch {
    return undefined
  }
}

export function writeSummary(summary: string): JsonObject {
  return { type: 'compaction', encrypted_content: mark + toBase64(summary) }
}

/** The text that a compaction item of ours stands for; undefined for any other item. */
export function readSummary(item: JsonObject): string | undefined {
  const { type, encrypted_content: content } = item
  if (type !== 'compaction' || typeof content !== 'string' || !content.startsWith(mark)) return undefined
  const summary = fromBase64(content.slice(mark.length))
  return summary === undefined ? undefined : preface + summary
}

/** Whether a body holds such an item: another gateway's upstream could make nothing of it. */
export function holdsSummary(wire: JsonObject): boolean {
  const isOurs = (item: JsonValue) => isObject(item) && readSummary(item) !== undefined
  return isList(wire.input) && wire.input.some(isOurs)
}
