import type { EventEdit } from '../../core/stream.ts'
import type { Event, FinishEvent } from '../../ir/event.ts'
import { createFault } from '../../ir/fault.ts'
import type { Note } from '../../ir/note.ts'
import type { GenerateRequest, OutputFormat } from '../../ir/request.ts'
import type { FunctionTool } from '../../ir/tool.ts'
import type { AdaptContext, Adapter } from './adaptation.ts'

const anyObject = { type: 'object', additionalProperties: true } as const

/** A name none of the caller's tools has. */
function freeName(request: GenerateRequest, wanted: string): string {
  const taken = new Set(request.tools?.map(tool => (tool.kind === 'hosted' ? tool.type : tool.name)))
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`
  return name
}

function answerTool(
  request: GenerateRequest,
  output: OutputFormat & { kind: 'json' | 'json-schema' },
): FunctionTool {
  const schema = output.kind === 'json-schema' ? output.schema : undefined
  const about = output.kind === 'json-schema' ? output.description : undefined
  return {
    kind: 'function',
    name: freeName(request, 'json_answer'),
    description: `Gives the final answer as structured data. Call it exactly once, with the whole answer.${about === undefined ? '' : ` ${about}`}`,
    parameters:
      schema?.type === 'object' ? schema : { ...(schema === undefined ? anyObject : wrapped(schema)) },
  }
}

/** Arguments are always an object: a schema of another type stands under one key, which `restore` takes away again. */
const wrapped = (schema: NonNullable<(OutputFormat & { kind: 'json-schema' })['schema']>) => ({
  type: 'object' as const,
  properties: { value: schema },
  required: ['value'],
  additionalProperties: false,
})

/**
 * Turns the call of the answer tool back into text, for one candidate. Prose beside the answer is not part of it: it
 * waits until it is clear what the model did. A call of the caller's own tool wins over the answer (ruling 3).
 */
class AnswerReading {
  readonly #name: string
  readonly #isWrapped: boolean
  readonly #live: boolean
  readonly #held: Event[] = []
  #part: number | undefined
  #text = ''
  #calledOwn = false
  #highestPart = -1

  constructor(name: string, isWrapped: boolean, live: boolean) {
    this.#name = name
    this.#isWrapped = isWrapped
    this.#live = live && !isWrapped
  }

  push(event: Event & { candidate: number }, out: Event[]): void {
    if (event.type === 'part-start') {
      this.#highestPart = Math.max(this.#highestPart, event.part)
      if (event.open.kind === 'tool-call' && event.open.name === this.#name) {
        this.#part = event.part
        this.#text = event.open.arguments
        if (this.#live) out.push({ ...event, open: { kind: 'text', text: this.#text } })
        return
      }
      if (event.open.kind === 'tool-call') this.#flush(out)
    }
    if ('part' in event && event.part === this.#part && this.#part !== undefined) this.#pushAnswer(event, out)
    else if (event.type === 'finish') this.#finish(event, out)
    else if (this.#calledOwn || this.#live) out.push(event)
    else this.#held.push(event)
  }

  /** One of the caller's own tools is called: what was held is part of that turn. */
  #flush(out: Event[]): void {
    this.#calledOwn = true
    out.push(...this.#held.splice(0))
  }

  #pushAnswer(event: Event & { candidate: number; part: number }, out: Event[]): void {
    if (event.type === 'part-delta' && event.args !== undefined) {
      this.#text += event.args
      if (this.#live) {
        out.push({ type: 'part-delta', candidate: event.candidate, part: event.part, text: event.args })
      }
    } else if (event.type === 'part-end' && this.#live) {
      out.push({ type: 'part-end', candidate: event.candidate, part: event.part })
    }
  }

  #finish(event: FinishEvent, out: Event[]): void {
    const answered = this.#part !== undefined
    if (this.#calledOwn) {
      if (answered) out.push({ type: 'note', note: droppedAnswer(event.candidate) })
      out.push(event)
      return
    }
    if (!answered) {
      out.push(...this.#held.splice(0))
      // A refusal or a cut answer is what it is; prose where JSON was promised is a failure, not an answer.
      if (event.finish.reason === 'stop' || event.finish.reason === 'tool-calls') out.push(failure())
      else out.push(event)
      return
    }
    if (!this.#live) {
      const text = event.finish.reason === 'length' ? this.#text : jsonOf(this.#text, this.#isWrapped)
      if (text === undefined) {
        out.push(failure())
        return
      }
      const { candidate } = event
      const part = this.#highestPart + 1
      if (this.#held.some(held => held.type === 'part-delta' && (held.text ?? '').trim() !== '')) {
        out.push({ type: 'note', note: droppedProse(candidate) })
      }
      out.push({ type: 'part-start', candidate, part, open: { kind: 'text', text: '' } })
      out.push({ type: 'part-delta', candidate, part, text })
      out.push({ type: 'part-end', candidate, part })
    }
    out.push(event.finish.reason === 'tool-calls' ? { ...event, finish: { reason: 'stop' } } : event)
  }
}

function createRestore(name: string, isWrapped: boolean, live: boolean): EventEdit {
  const readings = new Map<number, AnswerReading>()
  return (event, out) => {
    if (!('candidate' in event) || event.candidate === undefined) {
      out.push(event)
      return
    }
    let reading = readings.get(event.candidate)
    if (reading === undefined) {
      reading = new AnswerReading(name, isWrapped, live)
      readings.set(event.candidate, reading)
    }
    if (event.type === 'fault') out.push(event)
    else reading.push({ ...event, candidate: event.candidate }, out)
  }
}

const failure = (): Event => ({
  type: 'fault',
  fault: createFault(
    'upstream_invalid',
    'The model did not give valid JSON for the requested format. Ask again, or raise the token limit.',
  ),
})

const droppedAnswer = (candidate: number): Note => ({
  kind: 'dropped',
  path: `candidates[${candidate}].parts`,
  reason:
    'The model called one of your tools and gave the structured answer at once; the tool call goes first.',
})

const droppedProse = (candidate: number): Note => ({
  kind: 'dropped',
  path: `candidates[${candidate}].parts`,
  reason: 'The model wrote text beside the structured answer; only the answer is given.',
})

/** The answer's JSON text, or undefined where it is none. */
function jsonOf(text: string, isWrapped: boolean): string | undefined {
  if (isWrapped) return unwrap(text)
  return parses(text) ? text : undefined
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function unwrap(text: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && 'value' in parsed
      ? JSON.stringify(parsed.value)
      : undefined
  } catch {
    return undefined
  }
}

function emulation(output: OutputFormat & { kind: 'json' | 'json-schema' }, context: AdaptContext): string {
  const feature = output.kind === 'json' ? 'output.json' : 'output.json-schema'
  return `${context.why(feature)} The model is made to call a tool whose arguments are the answer.`
}

/** JSON by a forced tool, where the target has no native structured output. */
export const schemaTool: Adapter = (request, context) => {
  const output = request.output
  if (output === undefined || output.kind === 'text') return undefined
  const feature = output.kind === 'json' ? 'output.json' : 'output.json-schema'
  if (!context.lacks(feature) || !context.emulates('output')) return undefined
  const tool = answerTool(request, output)
  const isWrapped =
    output.kind === 'json-schema' && output.schema !== undefined && output.schema.type !== 'object'
  const own = request.tools ?? []
  const mayCallOwn = own.length > 0 && request.toolChoice?.mode !== 'none'
  const forced = !context.lacks('tool-choice.required')
  return {
    id: 'schema-tool',
    request: ({ output: _, ...rest }) => ({
      value: {
        ...rest,
        tools: [...(mayCallOwn ? own : []), tool],
        toolChoice: !forced
          ? { mode: 'auto' }
          : mayCallOwn
            ? { mode: 'required' }
            : { mode: 'tool', tool: { kind: 'function', name: tool.name } },
      },
      notes: [
        { kind: 'emulated', path: 'output', reason: emulation(output, context) },
        ...(mayCallOwn && request.toolChoice !== undefined && request.toolChoice.mode !== 'required'
          ? ([
              {
                kind: 'approximated',
                path: 'toolChoice',
                reason:
                  'With emulated structured output the model must call a tool: one of yours, or the answer.',
              },
            ] as const)
          : []),
      ],
    }),
    restore: () => createRestore(tool.name, isWrapped, context.structuredStream === 'live'),
  }
}
