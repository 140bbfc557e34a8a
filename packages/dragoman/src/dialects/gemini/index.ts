import { type Dialect, renamePath } from '../../core/dialect.ts'
import { own } from '../../wire/json.ts'
import { writeComment } from '../../wire/sse.ts'
import { countTokens } from './count.ts'
import { embed } from './embed.ts'
import { decodeError, encodeError, writeFault } from './error.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { dialect } from './wire.ts'

/** The model's paths in this wire's words. */
const paths = {
  turns: 'contents',
  instructions: 'systemInstruction.parts',
  'sampling.temperature': 'generationConfig.temperature',
  'sampling.topP': 'generationConfig.topP',
  'sampling.topK': 'generationConfig.topK',
  'sampling.seed': 'generationConfig.seed',
  'sampling.stop': 'generationConfig.stopSequences',
  'sampling.frequencyPenalty': 'generationConfig.frequencyPenalty',
  'sampling.presencePenalty': 'generationConfig.presencePenalty',
  maxTokens: 'generationConfig.maxOutputTokens',
  modalities: 'generationConfig.responseModalities',
  'audio.voice': 'generationConfig.speechConfig.voiceConfig.prebuiltVoiceConfig.voiceName',
  audio: 'generationConfig.speechConfig',
  'reasoning.effort': 'generationConfig.thinkingConfig.thinkingLevel',
  'reasoning.budget': 'generationConfig.thinkingConfig.thinkingBudget',
  'reasoning.mode': 'generationConfig.thinkingConfig.thinkingBudget',
  'reasoning.summary': 'generationConfig.thinkingConfig.includeThoughts',
  reasoning: 'generationConfig.thinkingConfig',
  'output.schema': 'generationConfig.responseJsonSchema',
  output: 'generationConfig.responseMimeType',
  'toolChoice.allowed': 'toolConfig.functionCallingConfig.allowedFunctionNames',
  'toolChoice.mode': 'toolConfig.functionCallingConfig.mode',
  toolChoice: 'toolConfig.functionCallingConfig',
  parameters: 'parametersJsonSchema',
  arguments: 'functionCall.args',
  callId: 'functionResponse.id',
  opaque: 'thoughtSignature',
  'hints.serviceTier': 'serviceTier',
  'finish.reason': 'finishReason',
  'finish.explanation': 'finishMessage',
  usage: 'usageMetadata',
}

/** Fields of a request whose names mean something else inside an answer. */
const requestFields: { readonly [path: string]: string } = {
  candidates: 'generationConfig.candidateCount',
  logprobs: 'generationConfig.responseLogprobs',
  'logprobs.top': 'generationConfig.logprobs',
}

function pathOf(path: string): string {
  const field = own(requestFields, path)
  if (field !== undefined) return field
  const renamed = renamePath(paths, path.replace(/^reply\./, ''))
  return renamed.replace(/(candidates\[\d+\])\.parts/, '$1.content.parts')
}

/** Google's `generateContent` (SDK `@google/genai` 3.1.0; Gemini API v1 and v1beta, Vertex fields). */
export const gemini: Dialect = {
  id: dialect,
  framing: 'sse',
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  glance,
  decodeStream,
  encodeStream,
  watchStream,
  decodeError,
  encodeError,
  writeFault,
  /** The official client passes comments over (card 9). */
  keepAlive: () => writeComment('keep-alive'),
  pathOf,
  guaranteesSchema: true,
  embed,
  count: countTokens,
}
