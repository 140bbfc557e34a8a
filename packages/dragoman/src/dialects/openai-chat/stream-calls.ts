import { textOf } from '../../core/codec/values.ts'
import type { Event } from '../../ir/event.ts'
import type { JsonObject, JsonValue } from '../../ir/json.ts'
import { isObject } from '../../wire/json.ts'
import { argumentsOf, idInReply } from './tool-call.ts'
import { carry, type Draft, form } from './wire.ts'

/** One call while its pieces arrive. */
interface Call {
  readonly position: number
  readonly type: 'function' | 'custom'
  readonly wireId: string | undefined
  readonly name: string
  /** The part, once the name is known; what came before it waits in `text`. */
  part: number | undefined
  text: string
  rest: Draft | undefined
}

const entryFields: ReadonlySet<string> = new Set(['index', 'id', 'type', 'function', 'custom'])
const bodyFields: ReadonlySet<string> = new Set(['name', 'arguments', 'input'])

/** Some libraries print a missing id as this word. */
function idOf(entry: JsonObject): string | undefined {
  const id = textOf(entry.id)
  return id === 'null' ? undefined : id
}

function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * The tool calls of one streamed choice. Hosts leave out the index, the id or both, repeat ids and names, and give
 * several calls one index; this finds the call a piece belongs to, and opens a part for each in the order they came.
 */
export class CallDecoder {
  readonly #candidate: number
  readonly #answer: string
  readonly #nextPart: () => number
  readonly #calls: Call[] = []
  readonly #byIndex = new Map<number, Call>()
  #functionCall: Call | undefined

  constructor(candidate: number, answer: string, nextPart: () => number) {
    this.#candidate = candidate
    this.#answer = answer
    this.#nextPart = nextPart
  }

  get any(): boolean {
    return this.#calls.length > 0
  }

  /** One entry of `delta.tool_calls`; `position` is its place in that list. */
  push(entry: JsonObject, position: number, out: Event[]): void {
    const isCustom = isObject(entry.custom) && (entry.type === 'custom' || !isObject(entry.function))
    const inner = isCustom ? entry.custom : entry.function
    const body = isObject(inner) ? inner : {}
    const index = typeof entry.index === 'number' ? entry.index : undefined
    const id = idOf(entry)
    const name = textOf(body.name)
    const known =
      index === undefined ? this.#withoutIndex(id, name, position) : this.#withIndex(index, id, name)
    const call = known ?? this.#add({ type: isCustom ? 'custom' : 'function', wireId: id, name: name ?? '' })
    if (index !== undefined && known === undefined) this.#byIndex.set(index, call)
    const named = call.name === '' && name !== undefined ? this.#rename(call, id, name) : call
    this.#gather(named, entry, body, isCustom ? 'custom' : 'function')
    this.#append(named, argumentsOf(isCustom ? body.input : body.arguments), out)
  }

  /** A piece of the deprecated `delta.function_call`. */
  pushFunctionCall(body: JsonObject, out: Event[]): void {
    const name = textOf(body.name)
    const known = this.#functionCall ?? this.#add({ type: 'function', wireId: undefined, name: name ?? '' })
    const call = known.name === '' && name !== undefined ? this.#rename(known, undefined, name) : known
    call.rest ??= { [form]: 'function_call' }
    this.#functionCall = call
    this.#append(call, argumentsOf(body.arguments), out)
  }

  /** Ends every call; one whose name never came is shown without it. */
  close(out: Event[]): void {
    for (const call of this.#calls) {
      const rest = call.part === undefined ? undefined : call.rest
      if (call.part === undefined) this.#open(call, out)
      const { type, name } = call
      const close = {
        kind: 'tool-call',
        type,
        id: this.#idOf(call),
        name,
        arguments: '',
        ...carry(rest ?? {}),
      } as const
      const part = call.part ?? 0
      out.push({
        type: 'part-end',
        candidate: this.#candidate,
        part,
        ...(rest === undefined ? {} : { close }),
      })
    }
  }

  /**
   * A used index with a new id and a name is a new call where the earlier one is complete: some hosts give every
   * call index 0, others change the id of one call as they go.
   */
  #withIndex(index: number, id: string | undefined, name: string | undefined): Call | undefined {
    const known = this.#byIndex.get(index)
    const isOther =
      known?.wireId !== undefined && id !== undefined && id !== known.wireId && name !== undefined
    return isOther && isWholeJson(known.text) ? undefined : known
  }

  /** Without an index: the id tells; else a name starts a call and anything else goes on with the last one. */
  #withoutIndex(id: string | undefined, name: string | undefined, position: number): Call | undefined {
    if (id !== undefined) return this.#calls.find(call => call.wireId === id)
    const last = this.#calls.at(-1)
    if (name === undefined) return (position > 0 ? this.#calls[position] : undefined) ?? last
    const goesOn = position === 0 && last?.name === name && !isWholeJson(last.text)
    return goesOn ? last : undefined
  }

  #add(facts: Pick<Call, 'type' | 'wireId' | 'name'>): Call {
    const call: Call = { ...facts, position: this.#calls.length, part: undefined, text: '', rest: undefined }
    this.#calls.push(call)
    return call
  }

  /** The name came late: the call is the same, and still unseen. */
  #rename(call: Call, id: string | undefined, name: string): Call {
    const named: Call = { ...call, name, wireId: call.wireId ?? id }
    this.#calls[call.position] = named
    for (const [index, other] of this.#byIndex) if (other === call) this.#byIndex.set(index, named)
    return named
  }

  #idOf(call: Call): string {
    return call.wireId ?? idInReply(this.#answer, this.#candidate, call.position)(call.name, '')
  }

  /** Fields nobody consumed, of the entry and of the object inside it. */
  #gather(call: Call, entry: JsonObject, body: JsonObject, key: 'function' | 'custom'): void {
    for (const name in entry) {
      const value = entry[name]
      if (!entryFields.has(name) && value !== null && value !== undefined) this.#keep(call, name, value)
    }
    for (const name in body) {
      const value = body[name]
      if (bodyFields.has(name) || value === null || value === undefined) continue
      const inner = call.rest?.[key]
      this.#keep(call, key, { ...(isObject(inner) ? inner : {}), [name]: value })
    }
    const { type } = entry
    if (typeof type === 'string' && type !== '' && type !== 'function' && type !== 'custom') {
      this.#keep(call, 'type', type)
    }
  }

  #keep(call: Call, name: string, value: JsonValue): void {
    call.rest = { ...call.rest, [name]: value }
  }

  #append(call: Call, text: string, out: Event[]): void {
    call.text += text
    if (call.name === '') return
    const isNew = call.part === undefined
    if (isNew) this.#open(call, out)
    else if (text !== '') this.#delta(call, text, out)
  }

  #open(call: Call, out: Event[]): void {
    const part = this.#nextPart()
    const { type, name, text } = call
    call.part = part
    const open = {
      kind: 'tool-call',
      type,
      id: this.#idOf(call),
      name,
      arguments: '',
      ...carry(call.rest ?? {}),
    } as const
    // What comes from here on is known too late for the open part and goes into its end.
    call.rest = undefined
    out.push({ type: 'part-start', candidate: this.#candidate, part, open })
    if (text !== '') this.#delta(call, text, out)
  }

  #delta(call: Call, args: string, out: Event[]): void {
    out.push({ type: 'part-delta', candidate: this.#candidate, part: call.part ?? 0, args })
  }
}
