import type { Notes } from '../../core/codec/notes.ts'
import { defined, parseText } from '../../core/codec/values.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import type { MediaPart, Part, ToolResultPart } from '../../ir/part.ts'
import { isObject } from '../../wire/json.ts'
import type { WaitingCalls } from './call-id.ts'
import { Fields, object, objects, text } from './fields.ts'
import { decodeFileData, decodeInlineData, encodeMedia } from './media.ts'
import { isOwnId } from './tool-call.ts'
import { dialect, ownExtra, withExtra, withMark } from './wire.ts'

/** How `response` said the text: under `output`, under `error`, or as an object of the tool's own. */
const formMark = '$form'
/** The function's name as the result said it, for a result whose call is not there. */
const nameMark = '$name'
/** The result had no id of its own. */
const anonymousMark = '$anonymous'

/** `functionResponse` (SDK 3.1.0). The object is the tool's own, unless it holds nothing but `output` or `error`. */
export function decodeResult(fields: Fields, waiting: WaitingCalls): ToolResultPart {
  const inner = fields.inside('functionResponse', fields.need('functionResponse', object, {}))
  const name = inner.need('name', text, '')
  const id = inner.take('id', text)
  const response = inner.want('response', object)
  const media = inner.take('parts', objects) ?? []
  const parts = media.map((part, index) =>
    decodeResultPart(part, `${inner.pathOf('parts')}[${index}]`, inner),
  )
  fields.keepRest('functionResponse', inner)
  const said = readResponse(response)
  const isAnonymous = id === undefined || id === ''
  let extra = withMark(fields.extra(), nameMark, name)
  extra = withMark(extra, formMark, said.form)
  extra = withMark(extra, anonymousMark, isAnonymous ? true : undefined)
  return defined({
    kind: 'tool-result',
    type: 'function',
    callId: waiting.answer(name, isAnonymous ? undefined : id),
    parts: [...(said.text === undefined ? [] : [{ kind: 'text', text: said.text } as const]), ...parts], // a literal kind
    isError: said.form === 'error' ? true : undefined,
    extra,
  })
}

function decodeResultPart(wire: JsonObject, path: string, outer: Fields): Part {
  const fields = new Fields(wire, path, outer.faults)
  if (fields.peek('inlineData') !== undefined) return withFields(decodeInlineData(fields), fields)
  if (fields.peek('fileData') !== undefined) return withFields(decodeFileData(fields), fields)
  return { kind: 'unknown', dialect, type: 'functionResponsePart', value: wire }
}

const withFields = (part: MediaPart, fields: Fields): MediaPart => defined({ ...part, extra: fields.extra() })

interface Said {
  readonly text?: string
  readonly form?: 'output' | 'error' | 'object'
}

function readResponse(response: JsonObject | undefined): Said {
  if (response === undefined) return {}
  const keys = Object.keys(response)
  const { output, error } = response
  if (keys.length === 1 && typeof output === 'string') return { text: output, form: 'output' }
  if (keys.length === 1 && error !== undefined) return { text: textOf(error), form: 'error' }
  return { text: JSON.stringify(response), form: 'object' }
}

const textOf = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** `{"$ref": name}` stands for one of the result's own media (card 5.1): a tool that says it means something else. */
function hasReference(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, '$ref') || Object.values(value).some(hasReference)
}

/** A tool's words as the object that this wire demands (traps 11 and 12). */
function responseOf(said: string, part: ToolResultPart): JsonObject {
  const form = ownExtra(part)?.[formMark]
  if (part.isError === true) {
    const value = form === 'error' ? parseText(said) : undefined
    return { error: isObject(value) ? value : said }
  }
  if (form === 'output') return { output: said }
  const value = parseText(said)
  const isPlain = isObject(value) && (form === 'object' || !hasReference(value))
  return isPlain ? value : { output: said }
}

/** The names of the calls that results may answer, by id: this wire names the function in the result, too. */
export type CallNames = ReadonlyMap<string, string>

/** A result as the one data field of a part. Refused where nobody can tell which function it came from (trap 10). */
export function encodeResult(part: ToolResultPart, path: string, names: CallNames, notes: Notes): JsonObject {
  const own = ownExtra(part)
  const kept = own?.[nameMark]
  const name = names.get(part.callId) ?? (typeof kept === 'string' ? kept : undefined)
  if (name === undefined) {
    notes.add(
      'refused',
      `${path}.callId`,
      `no call ${part.callId} comes before its result, so its name is unknown`,
    )
  }
  const texts: string[] = []
  const media: JsonObject[] = []
  for (const [index, inner] of part.parts.entries()) {
    encodeInside(inner, `${path}.parts[${index}]`, texts, media, notes)
  }
  const isAnonymous = own?.[anonymousMark] === true || !isOwnId(part.callId)
  return {
    functionResponse: defined({
      id: isAnonymous ? undefined : part.callId,
      name: name ?? 'unknown',
      response: responseOf(texts.join('\n'), part),
      parts: media.length === 0 ? undefined : media,
    }),
  }
}

function encodeInside(part: Part, path: string, texts: string[], media: JsonObject[], notes: Notes): void {
  notes.foreign(part, path)
  if (part.cache !== undefined)
    notes.add('dropped', `${path}.cache`, 'caches are not marked in a request here')
  if (part.kind === 'text' || part.kind === 'refusal') texts.push(part.text)
  else if (part.kind === 'media') {
    const own = ownExtra(part)
    media.push(withExtra(encodeMedia(part, path, own, notes), own))
  } else if (part.kind === 'unknown' && part.dialect === dialect) media.push(part.value)
  else notes.add('refused', path, `the result of a tool has no ${part.kind} here`)
}
