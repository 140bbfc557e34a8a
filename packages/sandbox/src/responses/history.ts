import { type ApiError, missingParameter, refuse } from '../errors.ts'
import { isSet, type JsonObject, objectsAt, textAt } from '../json.ts'
import { isImageUrl } from '../media.ts'
import { isSealed, reasoningBefore } from './ids.ts'

const refuseInput = (message: string): ApiError => refuse(message, 'input')

/** Items that refer to each other must all be there, and an engine without memory has none of its own. */
export function inputProblem(body: JsonObject): ApiError | null {
  if (!isSet(body, 'input')) return missingParameter('input')
  if (Array.isArray(body.input) && body.input.length === 0) return missingParameter('input')
  const items = objectsAt(body, 'input')
  for (const [index, item] of items.entries()) {
    const problem =
      referenceProblem(item) ?? partsProblem(item, index) ?? reasoningProblem(items, item, index)
    if (problem) return problem
  }
  return duplicateProblem(items) ?? callProblem(items)
}

const typeOf = (item: JsonObject | undefined): string => (item && textAt(item, 'type')) ?? 'message'

function referenceProblem(item: JsonObject): ApiError | null {
  if (typeOf(item) !== 'item_reference') return null
  return refuse(
    `Item with id '${textAt(item, 'id') ?? ''}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    'input',
    null,
    404,
  )
}

function partsProblem(item: JsonObject, index: number): ApiError | null {
  const key = isSet(item, 'output') ? 'output' : 'content'
  for (const [at, part] of objectsAt(item, key).entries()) {
    const path = `input[${index}].${key}[${at}]`
    const type = textAt(part, 'type')
    const url = textAt(part, 'image_url')
    if (type === 'input_image' && url === null && !isSet(part, 'file_id'))
      return missingParameter(`${path}.image_url`)
    if (type === 'input_image' && url !== null && !isImageUrl(url))
      return refuse(
        `Invalid '${path}.image_url'. Expected a valid URL, but got a value with an invalid format.`,
        `${path}.image_url`,
        'invalid_value',
      )
    const held = ['file_data', 'file_id', 'file_url'].some(name => isSet(part, name))
    if (type === 'input_file' && !held) return missingParameter(`${path}.file_id`)
  }
  return null
}

/** Reasoning and what came of it go together (card section 15, traps 19 and 20). */
function reasoningProblem(items: readonly JsonObject[], item: JsonObject, index: number): ApiError | null {
  const id = textAt(item, 'id') ?? ''
  if (typeOf(item) === 'function_call') {
    const needed = reasoningBefore(id)
    const there = items.slice(0, index).some(one => textAt(one, 'id') === needed)
    return needed === null || there
      ? null
      : refuseInput(
          `Item '${id}' of type 'function_call' was provided without its required 'reasoning' item: '${needed}'.`,
        )
  }
  if (typeOf(item) !== 'reasoning') return null
  const sealed = textAt(item, 'encrypted_content')
  if (sealed !== null && !isSealed(sealed))
    return refuse(
      `The encrypted content for item ${id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
      null,
      'invalid_encrypted_content',
    )
  const next = items[index + 1]
  const spoken = next !== undefined && (typeOf(next) !== 'message' || textAt(next, 'role') === 'assistant')
  return spoken
    ? null
    : refuseInput(`Item '${id}' of type 'reasoning' was provided without its required following item.`)
}

function duplicateProblem(items: readonly JsonObject[]): ApiError | null {
  const seen = new Set<string>()
  const ids = items.map(item => textAt(item, 'id')).filter(id => id !== null)
  const repeated = ids.find(id => seen.size === seen.add(id).size)
  return repeated === undefined
    ? null
    : refuseInput(
        `Duplicate item found with id ${repeated}. Remove duplicate items from your input and try again.`,
      )
}

const KINDS = [
  { call: 'function_call', words: 'function call' },
  { call: 'custom_tool_call', words: 'custom tool call' },
] as const

function callProblem(items: readonly JsonObject[]): ApiError | null {
  for (const { call, words } of KINDS) {
    const idsOf = (type: string) =>
      new Set(items.filter(item => typeOf(item) === type).map(item => textAt(item, 'call_id') ?? ''))
    const calls = idsOf(call)
    const outputs = idsOf(`${call}_output`)
    const orphan = [...outputs].find(id => !calls.has(id))
    if (orphan !== undefined)
      return refuseInput(`No tool call found for ${words} output with call_id ${orphan}.`)
    const open = [...calls].find(id => !outputs.has(id))
    if (open !== undefined) return refuseInput(`No tool output found for ${words} ${open}.`)
  }
  return null
}
