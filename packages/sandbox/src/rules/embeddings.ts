import { choice, type Fields, integer, list, required, string, text, union } from '../validate.ts'

const tokens = list(integer(0), 1)

/** `POST /v1/embeddings`: at most 2048 inputs, none of them empty. */
export const embeddingFields: Fields = {
  model: required(string),
  input: required(union(text(1), list(text(1), 1, 2048), list(integer(0), 1), list(tokens, 1, 2048))),
  dimensions: integer(1),
  encoding_format: choice('float', 'base64'),
  user: string,
}
