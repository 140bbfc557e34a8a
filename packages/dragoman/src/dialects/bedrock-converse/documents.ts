import type { Notes } from '../../core/codec/notes.ts'
import { isList } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'

/** Longest name of a document (SDK 3.1164 `DocumentBlock.name`). */
const longest = 200

/** A name in the letters the API takes: letters, digits, single spaces, hyphens, round and square brackets. */
export function cleanName(name: string | undefined): string {
  const clean = (name ?? '')
    .replaceAll(/[^a-zA-Z0-9\s\-()[\]]/g, '-')
    .replaceAll(/\s+/g, ' ')
    .slice(0, longest)
  return clean.trim() === '' ? 'document' : clean
}

/** What stands beside a document that came alone. */
const companion: JsonObject = { text: 'The document is attached.' }

const isDocument = (block: JsonObject): boolean => isObject(block.document)

/**
 * A message's blocks with what the API demands beside documents: a text in the same message. The rule is not in the
 * SDK's types; the service refuses a document alone with a 400.
 */
export function withCompanion(
  blocks: readonly JsonObject[],
  path: string,
  notes: Notes,
): readonly JsonObject[] {
  if (!blocks.some(isDocument) || blocks.some(block => typeof block.text === 'string')) return blocks
  notes.add('emulated', path, 'a document needs a text beside it here, so one was added')
  return [...blocks, companion]
}

/** Gives documents of one request different names: the API refuses two of the same. */
export class DocumentNames {
  readonly #taken = new Set<string>()
  readonly #notes: Notes

  constructor(notes: Notes) {
    this.#notes = notes
  }

  /** The same blocks, with documents in them and in results of tools renamed where their names are taken. */
  distinct(blocks: readonly JsonObject[], path: string): readonly JsonObject[] {
    return blocks.map(block => this.#block(block, path))
  }

  #block(block: JsonObject, path: string): JsonObject {
    const { document, toolResult } = block
    if (isObject(toolResult) && isList(toolResult.content)) {
      const content: readonly JsonValue[] = toolResult.content.map(inner =>
        isObject(inner) ? this.#block(inner, path) : inner,
      )
      return { ...block, toolResult: { ...toolResult, content } }
    }
    if (!isObject(document) || typeof document.name !== 'string') return block
    const name = this.#free(document.name)
    if (name === document.name) return block
    this.#notes.add('emulated', path, 'two documents have the same name, so one was numbered')
    return { ...block, document: { ...document, name } }
  }

  #free(wanted: string): string {
    let name = wanted
    for (let number = 2; this.#taken.has(name); number++) {
      const suffix = ` (${number})`
      name = wanted.slice(0, longest - suffix.length).trimEnd() + suffix
    }
    this.#taken.add(name)
    return name
  }
}
