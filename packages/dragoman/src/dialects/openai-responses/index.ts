import type { Dialect } from '../../core/dialect.ts'
import { decodeError, encodeError } from '../../core/envelope.ts'
import { writeComment } from '../../wire/sse.ts'
import { compactConversation } from './compact.ts'
import { countTokens } from './count.ts'
import { writeFault } from './error.ts'
import { pathOf } from './path.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { holdsSummary } from './summary.ts'
import { dialect } from './wire.ts'

/**
 * OpenAI Responses, create and stream; who keeps responses stands outside. Usage is always in the stream, so that nothing has to be
 * asked for quietly. Sources: openai-node 7.57.0 types and stream helper; recorded answers of several providers.
 */
export const openaiResponses: Dialect = {
  id: dialect,
  framing: 'sse',
  decodeRequest,
  encodeRequest,
  decodeReply,
  encodeReply,
  glance,
  count: countTokens,
  compact: compactConversation,
  isOurs: holdsSummary,
  decodeStream,
  encodeStream,
  watchStream,
  decodeError,
  encodeError,
  writeFault,
  /** A comment at any time: before `response.created` the helper takes no event, after it one would need a number. */
  keepAlive: () => writeComment('keep-alive'),
  pathOf,
}
