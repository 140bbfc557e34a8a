import type { ApiError } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import type { Model } from './models.ts'
import type { Stream } from './spoil.ts'
import type { Tokenizer } from './tokens.ts'

/** The facts of one exchange that do not stand in the request. */
export interface Exchange {
  /** Different for every exchange, the same for the same exchange of another engine at the same time: ids hang on it. */
  readonly salt: string
  /** Seconds. */
  readonly created: number
  readonly tokenizer: Tokenizer
}

export type Outcome =
  | ApiError
  | { readonly kind: 'whole'; readonly body: Json }
  | { readonly kind: 'stream'; readonly stream: Stream }

/** A route that runs a model. */
export interface Endpoint {
  readonly serves: Model['kind']
  readonly noModel: ApiError
  unknownModel(id: string): ApiError
  /** For a model that exists and serves something else. */
  wrongModel(model: Model): ApiError
  /** What is wrong with the body, or null. */
  problem(body: JsonObject, model: Model): ApiError | null
  answer(body: JsonObject, model: Model, exchange: Exchange): Outcome
}
