import { Notes } from '../../core/codec/notes.ts'
import { noteUnsupported } from '../../core/codec/unsupported.ts'
import { defined } from '../../core/codec/values.ts'
import type { Fault, Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import { decodeContents, decodeInstructions } from './contents-decode.ts'
import { encodeContents } from './contents-encode.ts'
import { Fields, flag, integer, object, text, unflatten, withoutFlat } from './fields.ts'
import { decodeFormat, encodeFormat } from './output.ts'
import {
  decodeHints,
  decodeLogprobSwitch,
  decodeSampling,
  decodeVoice,
  encodeLogprobSwitch,
  encodeResolution,
  encodeSampling,
  encodeTier,
  encodeVoice,
} from './settings.ts'
import { decodeThinking, encodeThinking } from './thinking.ts'
import { decodeToolChoice, decodeTools, encodeToolChoice, encodeTools } from './tools.ts'
import { unsupported } from './unsupported.ts'
import { ownExtra, speaker, unlessEmpty, withExtra } from './wire.ts'

/** What a path of the wire says before its name: `models/x` and `x` are the same model. */
const modelPrefix = 'models/'

export function bareModel(name: string): string {
  return name.startsWith(modelPrefix) ? name.slice(modelPrefix.length) : name
}

/** The name inside a body, where requests of a batch and a count repeat it. */
export function modelPath(name: string): string {
  return name.includes('/') ? name : `${modelPrefix}${name}`
}

/**
 * A body of `generateContent` or `streamGenerateContent` (SDK 3.1.0, Gemini API and Vertex fields) with `model` and
 * `stream`, which stand in its path, put into it by the edge. The first mistake becomes the fault, named in this wire's
 * words; fields nobody knows are kept as extras.
 */
export function decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
  const faults: Fault[] = []
  const fields = new Fields(wire, '', faults)
  const model = bareModel(fields.want('model', text) ?? '')
  const stream = fields.take('stream', flag) ?? false
  const request: GenerateRequest = defined({
    model,
    instructions: decodeInstructions(fields),
    turns: decodeContents(fields),
    tools: decodeTools(fields),
    toolChoice: decodeToolChoice(fields),
    ...decodeConfig(fields),
    hints: decodeHints(fields),
    stream,
    // Every stream of this dialect tells its usage: who asks for one asks for the other.
    streamUsage: stream ? true : undefined,
    extra: fields.extra(),
  })
  const [fault] = faults
  return fault === undefined ? { ok: true, value: request } : { ok: false, fault }
}

type Config = Pick<
  GenerateRequest,
  'output' | 'sampling' | 'maxTokens' | 'reasoning' | 'logprobs' | 'candidates' | 'modalities' | 'audio'
>

function decodeConfig(fields: Fields): Config {
  const wire = fields.want('generationConfig', object)
  if (wire === undefined) return { sampling: {} }
  const config = fields.inside('generationConfig', wire)
  const decoded = defined({
    output: decodeFormat(config),
    sampling: decodeSampling(config),
    maxTokens: config.want('maxOutputTokens', integer),
    reasoning: decodeThinking(config),
    logprobs: decodeLogprobSwitch(config),
    candidates: config.want('candidateCount', integer),
    ...decodeVoice(config),
  })
  fields.keepFlat('generationConfig', config)
  return decoded
}

/** Objects whose fields are kept one by one. */
const flat: readonly string[] = ['generationConfig', 'toolConfig', 'systemInstruction']

/** The model to a body of `generateContent`, with `model`, which a binding takes out again into the path. */
export function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new Notes(speaker)
  noteUnsupported(unsupported, request, notes)
  const own = ownExtra(request)
  const core = defined({
    model: request.model,
    ...encodePrompt(request, notes),
    generationConfig: encodeConfig(request, own, notes),
    serviceTier: encodeTier(request.hints.serviceTier, notes),
  })
  return { value: withExtra(core, withoutFlat(own, flat)), notes: notes.list }
}

/** What the model will read: everything that counts as input. */
export function encodePrompt(request: GenerateRequest, notes: Notes): JsonObject {
  notes.foreign(request, '')
  const { systemInstruction, contents } = encodeContents(request, notes)
  const choice = encodeToolChoice(request.toolChoice, request.tools, notes)
  const config = unflatten(ownExtra(request), 'toolConfig')
  return defined({
    systemInstruction,
    contents,
    tools: encodeTools(request.tools, notes),
    toolConfig: choice === undefined ? config : withExtra(choice, config),
  })
}

function encodeConfig(
  request: GenerateRequest,
  own: JsonObject | undefined,
  notes: Notes,
): JsonObject | undefined {
  const core = defined({
    ...encodeFormat(request.output, notes),
    ...encodeSampling(request.sampling, notes),
    maxOutputTokens: request.maxTokens,
    candidateCount: request.candidates,
    ...encodeLogprobSwitch(request.logprobs),
    ...encodeVoice(request, notes),
    thinkingConfig: encodeThinking(request.reasoning, notes),
    mediaResolution: encodeResolution(request, notes),
  })
  const kept = unflatten(own, 'generationConfig')
  return kept === undefined ? unlessEmpty(core) : withExtra(core, kept)
}
