import { NoteLog } from '../../core/codec/notes.ts'
import { Reading } from '../../core/codec/reading.ts'
import { defined } from '../../core/codec/values.ts'
import type { Parsed } from '../../ir/fault.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { Encoded } from '../../ir/note.ts'
import type { GenerateRequest, Reasoning, Sampling } from '../../ir/request.ts'
import type { ToolChoice } from '../../ir/tool.ts'
import { noteMarker } from './losses.ts'
import { decodeMessages } from './message-decode.ts'
import { encodeMessages } from './message-encode.ts'
import { decodeOutput, encodeOutput } from './output.ts'
import { decodeSampling, hintWords, readWords, samplingWords, writeWords } from './settings.ts'
import {
  decodeFunctionChoice,
  decodeFunctions,
  decodeToolChoice,
  decodeTools,
  encodeToolChoice,
  encodeTools,
} from './tool.ts'
import { carriedBy, carry, type Draft, formOf, putBack, restOf, speaker } from './wire.ts'

const consumed: ReadonlySet<string> = new Set([
  ...[...samplingWords, ...hintWords].map(([, field]) => field),
  ...['model', 'messages', 'tools', 'functions', 'tool_choice', 'function_call', 'parallel_tool_calls'],
  ...['response_format', 'stop', 'logit_bias', 'max_tokens', 'max_completion_tokens', 'reasoning_effort'],
  ...['logprobs', 'top_logprobs', 'n', 'modalities', 'audio', 'stream', 'stream_options'],
])

const usageField = new Set(['include_usage'])
const streamField = new Set(['stream_options'])

/**
 * A chat completions request (openai-node 7.57.0, `ChatCompletionCreateParamsBase`) to the model. Null is absent;
 * fields nobody knows survive as extras, because it is for the upstream to judge them. Faults name the field as
 * OpenAI does.
 */
export function decodeRequest(wire: JsonObject): Parsed<GenerateRequest> {
  const reading = new Reading()
  const stream = reading.field(wire, 'stream', 'boolean') ?? false
  const options = reading.field(wire, 'stream_options', 'object')
  if (options !== undefined && !stream) {
    reading.fail('stream_options', "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
  }
  const rest: Draft = { ...restOf(wire, consumed) }
  const streamRest = restOf(options ?? {}, usageField)
  if (Object.keys(streamRest).length > 0) rest.stream_options = streamRest
  const request = {
    model: reading.required(wire, 'model', 'string') ?? '',
    turns: decodeMessages(reading, reading.required(wire, 'messages', 'list') ?? []),
    ...decodeAllTools(reading, wire, rest),
    ...decodeOutput(reading, wire, rest),
    sampling: decodeSampling(reading, wire),
    ...decodeLimits(reading, wire, rest),
    ...decodeMedia(reading, wire),
    hints: readWords(reading, wire, hintWords),
    stream,
    ...defined({
      reasoning: decodeReasoning(reading, wire),
      candidates: reading.field(wire, 'n', 'integer'),
      streamUsage: options && reading.field(options, 'include_usage', 'boolean', 'stream_options'),
    }),
    ...carry(rest),
  }
  return reading.fault === undefined ? { ok: true, value: request } : { ok: false, fault: reading.fault }
}

function decodeAllTools(reading: Reading, wire: JsonObject, rest: Draft) {
  const tools = reading.field(wire, 'tools', 'list')
  const functions = reading.field(wire, 'functions', 'list')
  const { tool_choice: choice, function_call: call } = wire
  let toolChoice: ToolChoice | undefined
  if (choice !== undefined && choice !== null) toolChoice = decodeToolChoice(reading, choice)
  if (call !== undefined && call !== null) {
    if (toolChoice === undefined) toolChoice = decodeFunctionChoice(reading, call)
    else rest.function_call = call
  }
  const all = [...decodeTools(reading, tools ?? []), ...decodeFunctions(reading, functions ?? [])]
  return defined({
    tools: tools === undefined && functions === undefined ? undefined : all,
    toolChoice,
    parallelToolCalls: reading.field(wire, 'parallel_tool_calls', 'boolean'),
  })
}

/** Token limits and log probabilities. The newer limit wins, and the older one is kept beside it. */
function decodeLimits(reading: Reading, wire: JsonObject, rest: Draft) {
  const older = reading.field(wire, 'max_tokens', 'integer')
  const newer = reading.field(wire, 'max_completion_tokens', 'integer')
  if (newer !== undefined && older !== undefined) rest.max_tokens = older
  const asked = reading.field(wire, 'logprobs', 'boolean')
  const top = reading.field(wire, 'top_logprobs', 'integer')
  if (asked !== true && top !== undefined) rest.top_logprobs = top
  return defined({
    maxTokens: newer ?? older,
    logprobs: asked === true ? defined({ top }) : undefined,
  })
}

function decodeReasoning(reading: Reading, wire: JsonObject): Reasoning | undefined {
  const effort = reading.field(wire, 'reasoning_effort', 'string')
  return effort === undefined ? undefined : { effort }
}

/** What the answer is made of besides text. A voice may be an object, which names a voice of the account. */
function decodeMedia(reading: Reading, wire: JsonObject) {
  const list = reading.field(wire, 'modalities', 'list')
  const wrong = list?.findIndex(entry => typeof entry !== 'string') ?? -1
  if (wrong >= 0) reading.wrongType(`modalities[${wrong}]`, 'a string', list?.[wrong] ?? null)
  const audio = reading.field(wire, 'audio', 'object')
  const voice = typeof audio?.voice === 'string' ? audio.voice : undefined
  const format = audio && reading.field(audio, 'format', 'string', 'audio')
  const taken = voice === undefined ? ['format'] : ['format', 'voice']
  return defined({
    modalities: list?.filter(entry => typeof entry === 'string'),
    audio: audio && { ...defined({ voice, format }), ...carry(restOf(audio, new Set(taken))) },
  })
}

/** The model to a chat completions request, under the newer name of the token limit. */
export function encodeRequest(request: GenerateRequest): Encoded<JsonObject> {
  const notes = new NoteLog(speaker)
  notes.foreign(request, '')
  const wire: Draft = { model: request.model, messages: encodeMessages(request, notes) }
  const { logprobs } = request
  Object.assign(wire, encodeAllTools(request, notes), encodeOutput(request.output, notes))
  writeWords(samplingWords, request.sampling, wire)
  encodeSampling(request.sampling, notes, wire)
  encodeReasoning(request.reasoning, notes, wire)
  if (request.maxTokens !== undefined) wire.max_completion_tokens = request.maxTokens
  if (logprobs !== undefined) Object.assign(wire, { logprobs: true }, defined({ top_logprobs: logprobs.top }))
  if (request.candidates !== undefined) wire.n = request.candidates
  if (request.modalities !== undefined) wire.modalities = request.modalities
  if (request.audio !== undefined) {
    const { voice, format } = request.audio
    notes.foreign(request.audio, 'audio')
    wire.audio = putBack(defined({ voice, format }), carriedBy(request.audio))
  }
  if (request.cache !== undefined) noteMarker('cache', notes)
  writeWords(hintWords, request.hints, wire)
  return {
    value: putBack({ ...wire, ...encodeStreaming(request) }, carriedForWire(request)),
    notes: notes.list,
  }
}

/** Tools and what belongs to them: a choice among tools that were all left out would be refused. */
function encodeAllTools(request: GenerateRequest, notes: NoteLog): Draft {
  const { tools, toolChoice, parallelToolCalls } = request
  const encoded: Draft = { ...encodeTools(tools ?? [], notes) }
  const allLeftOut = (tools?.length ?? 0) > 0 && Object.keys(encoded).length === 0
  if (tools?.length === 0) encoded.tools = []
  if (allLeftOut) return {}
  if (toolChoice !== undefined) Object.assign(encoded, encodeToolChoice(toolChoice, notes))
  if (parallelToolCalls !== undefined) encoded.parallel_tool_calls = parallelToolCalls
  return encoded
}

function encodeSampling(values: Sampling, notes: NoteLog, wire: Draft): void {
  if (values.stop !== undefined) wire.stop = values.stop
  if (values.logitBias !== undefined) wire.logit_bias = values.logitBias
  if (values.topK !== undefined) {
    notes.add('dropped', 'sampling.topK', 'Chat completions has no top_k; top_p was kept if there is one.')
  }
}

/** Effort is all this wire can say of reasoning; a switch that is off is the effort `none`. */
function encodeReasoning(reasoning: Reasoning | undefined, notes: NoteLog, wire: Draft): void {
  if (reasoning === undefined) return
  const { effort, budget, mode, summary } = reasoning
  notes.foreign(reasoning, 'reasoning')
  if (effort !== undefined) wire.reasoning_effort = effort
  else if (mode === 'off') {
    wire.reasoning_effort = 'none'
    notes.add('renamed', 'reasoning.mode', 'Thinking switched off is the reasoning effort none here.')
  } else if (mode !== undefined) {
    notes.add(
      'dropped',
      'reasoning.mode',
      'Chat completions has efforts but no switch; the model uses its default effort.',
    )
  }
  if (budget !== undefined) {
    notes.add('dropped', 'reasoning.budget', 'Chat completions has efforts but no budget in tokens.')
  }
  if (summary !== undefined) {
    notes.add(
      'dropped',
      'reasoning.summary',
      'Chat completions cannot be asked for a summary of its reasoning.',
    )
  }
}

function encodeStreaming({ stream, streamUsage }: GenerateRequest): Draft {
  if (!stream) return {}
  return {
    stream,
    ...(streamUsage === undefined ? {} : { stream_options: { include_usage: streamUsage } }),
  }
}

/** Extras of the request, less those that only a stream may carry. */
function carriedForWire(request: GenerateRequest): JsonObject | undefined {
  const carried = carriedBy(request)
  return carried === undefined || request.stream ? carried : restOf(carried, streamField)
}

/** Whether the caller uses the deprecated functions, and so expects `function_call` in the answer. */
export function usesFunctions(request: GenerateRequest): boolean {
  return request.tools?.some(tool => formOf(tool) === 'functions') ?? false
}
