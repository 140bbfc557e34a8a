import {
  boolean,
  decimal,
  type Fields,
  integer,
  list,
  map,
  record,
  required,
  string,
  union,
} from '../validate.ts'
import { bookkeeping } from './shared.ts'

const tokens = list(integer(0), 1)

/** `POST /v1/completions`, every field of `CompletionCreateParams` in openai 7.57.0. */
export const completionFields: Fields = {
  model: required(string),
  prompt: union(string, list(string, 1), tokens, list(tokens, 1)),
  best_of: integer(0, 20),
  echo: boolean,
  frequency_penalty: decimal(-2, 2),
  logit_bias: map(integer(-100, 100)),
  logprobs: integer(0, 5),
  max_tokens: integer(0),
  n: integer(1, 128),
  presence_penalty: decimal(-2, 2),
  seed: integer(),
  stop: union(string, list(string, 1, 4)),
  stream: bookkeeping.stream,
  stream_options: record({ include_usage: boolean, include_obfuscation: boolean }),
  suffix: string,
  temperature: decimal(0, 2),
  top_p: decimal(0, 1),
  user: string,
}
