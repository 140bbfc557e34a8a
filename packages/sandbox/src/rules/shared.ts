// Rules that several endpoints share. Ranges and names: openai 7.57.0 types and OpenAI's published document 2.3.0.
import {
  boolean,
  choice,
  decimal,
  type Fields,
  integer,
  map,
  openRecord,
  record,
  required,
  string,
  text,
} from '../validate.ts'

export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const
export const NAME = '^[a-zA-Z0-9_-]+$'
export const toolName = text(1, 64, NAME)

export const metadata = map(text(0, 512), 16, 64)
export const schemaObject = openRecord()
export const verbosity = choice('low', 'medium', 'high')

export const cacheBreakpoint = record({
  mode: required(choice('explicit')),
  ttl: choice('30m', '12h'),
})

/** The knobs of sampling that chat and Responses share. */
export const sampling = {
  temperature: decimal(0, 2),
  top_p: decimal(0, 1),
  top_logprobs: integer(0, 20),
} satisfies Fields

/** Hints, bookkeeping and identity: checked for their shape, without effect on the answer. */
export const bookkeeping = {
  metadata,
  store: boolean,
  stream: boolean,
  user: string,
  safety_identifier: text(0, 128),
  prompt_cache_key: string,
  prompt_cache_retention: choice('in_memory', '24h'),
} satisfies Fields

export const moderation = record({
  model: required(string),
  policy: record({
    input: record({ mode: required(choice('score', 'block')) }),
    output: record({ mode: required(choice('score', 'block')) }),
  }),
})

export const place = {
  city: string,
  country: string,
  region: string,
  timezone: string,
} satisfies Fields

export const jsonSchemaFormat = {
  name: required(toolName),
  description: string,
  schema: schemaObject,
  strict: boolean,
} satisfies Fields
