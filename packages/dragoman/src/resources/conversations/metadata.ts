import { createFault, type Parsed } from '../../ir/fault.ts'
import { isObject, type JsonObject, type JsonValue } from '../../wire/json.ts'

/** OpenAI's limits of metadata (openai-node 7.57.0, `Shared.Metadata`). */
const limits = { pairs: 16, key: 64, value: 512 } as const

/** Metadata as it may be stored: nothing counts as none. */
export function readMetadata(value: JsonValue | undefined): Parsed<JsonObject> {
  const refused = (message: string, param = 'metadata') => ({
    ok: false as const,
    fault: createFault('invalid_request', message, { param }),
  })
  if (value === undefined || value === null) return { ok: true, value: {} }
  if (!isObject(value)) return refused('metadata: expected an object of texts.')
  const pairs = Object.entries(value)
  if (pairs.length > limits.pairs) return refused(`metadata: at most ${limits.pairs} pairs.`)
  for (const [key, said] of pairs) {
    const path = `metadata.${key.slice(0, limits.key)}`
    if (key.length > limits.key) return refused(`${path}: a key has at most ${limits.key} characters.`, path)
    if (typeof said !== 'string') return refused(`${path}: expected a text.`, path)
    if (said.length > limits.value)
      return refused(`${path}: a value has at most ${limits.value} characters.`, path)
  }
  return { ok: true, value }
}
