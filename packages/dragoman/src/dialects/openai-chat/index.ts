import type { Dialect } from '../../core/dialect.ts'
import { decodeError, encodeError, writeFault } from '../../core/envelope.ts'
import { writeComment } from '../../wire/sse.ts'
import { embed } from './embed.ts'
import { pathOf } from './path.ts'
import { quietUsage } from './quiet-usage.ts'
import { decodeRequest, encodeRequest } from './request.ts'
import { decodeReply, encodeReply, glance } from './response.ts'
import { decodeStream, encodeStream, watchStream } from './stream.ts'
import { dialect } from './wire.ts'

/** OpenAI chat completions, as OpenAI speaks it and as everybody who claims to be compatible does. */
export const openaiChat: Dialect = {
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
  // Clients of this wire ignore comments, before the first chunk as well as between chunks.
  keepAlive: () => writeComment('keep-alive'),
  pathOf,
  quietUsage,
  embed,
}
