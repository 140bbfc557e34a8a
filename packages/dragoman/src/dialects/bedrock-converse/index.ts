import { type Dialect, renamePath } from '../../core/dialect.ts'
import { countTokens } from './count.ts'
import { decodeError, encodeError, writeFault } from './error.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { dialect } from './wire.ts'

/** The model's paths in this wire's words. */
const paths = {
  turns: 'messages',
  parts: 'content',
  instructions: 'system',
  maxTokens: 'inferenceConfig.maxTokens',
  'sampling.temperature': 'inferenceConfig.temperature',
  'sampling.topP': 'inferenceConfig.topP',
  'sampling.topK': 'additionalModelRequestFields.top_k',
  'sampling.stop': 'inferenceConfig.stopSequences',
  'reasoning.effort': 'outputConfig.effort',
  reasoning: 'additionalModelRequestFields.thinking',
  'output.schema': 'outputConfig.textFormat.structure.jsonSchema.schema',
  output: 'outputConfig.textFormat',
  tools: 'toolConfig.tools',
  toolChoice: 'toolConfig.toolChoice',
  parameters: 'inputSchema',
  arguments: 'input',
  callId: 'toolUseId',
  isError: 'status',
  annotations: 'citations',
  filename: 'name',
  'hints.metadata': 'requestMetadata',
  'hints.serviceTier': 'serviceTier',
  cache: 'cachePoint',
  'finish.reason': 'stopReason',
}

/**
 * Amazon's Converse, `POST /model/{modelId}/converse` and `/converse-stream` (SDK client-bedrock-runtime 3.1164). Its
 * streams are binary: what the encoder writes is text of one character a byte.
 */
export const bedrockConverse: Dialect = {
  id: dialect,
  framing: 'aws',
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
  /** The framing has no comments, and clients take no event that they do not know. */
  keepAlive: () => '',
  pathOf: path => renamePath(paths, path.replace(/^(?:reply\.)?candidates\[\d+\]\.?/, '')),
  guaranteesSchema: true,
  count: countTokens,
}
