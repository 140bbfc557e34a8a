// Plausible, reproducible probabilities of tokens: the engine weighs nothing, so they are made from the seed.
import { createRandom, hash } from './random.ts'
import { type Delta, deltas, type Tokenizer, type Tokens } from './tokens.ts'

export type TopLogprob = {
  readonly token: string
  readonly logprob: number
  readonly bytes: readonly number[]
}
export type TokenLogprob = TopLogprob & { readonly top_logprobs: readonly TopLogprob[] }

/** The entries of all tokens of a text. */
export function allLogprobs(
  tokens: Tokens,
  tokenizer: Tokenizer,
  top: number,
  seed: number,
): readonly TokenLogprob[] {
  const listed: TokenLogprob[] = []
  for (const delta of deltas(tokens, tokenizer))
    listed.push(...logprobsOf(delta, tokenizer, top, seed, listed.length))
  return listed
}

/**
 * One entry a token of a delta. The chosen token is always the likeliest; the others share what is left.
 * @param top how many alternatives a token, the chosen one among them
 */
export function logprobsOf(
  delta: Delta,
  tokenizer: Tokenizer,
  top: number,
  seed: number,
  from: number,
): readonly TokenLogprob[] {
  return delta.ids.map((id, index) => {
    const only = delta.ids.length === 1 ? delta.text : null
    const random = createRandom(hash(seed, from + index, id))
    const chance = 0.5 + random.next() * 0.4999
    const said = spell(id, tokenizer, Math.log(chance), only)
    const alternatives: TopLogprob[] = []
    for (let rest = 1 - chance; alternatives.length < top - 1; rest /= 2) {
      const other = anyToken(tokenizer, random.below, [id])
      alternatives.push(spell(other, tokenizer, Math.log(rest / 2), null))
    }
    return { ...said, top_logprobs: top > 0 ? [said, ...alternatives] : [] }
  })
}

/** A token among the frequent ones, which are short and whole. */
function anyToken(tokenizer: Tokenizer, below: (count: number) => number, except: readonly number[]): number {
  let id = 256 + below(5000)
  while (except.includes(id) || tokenizer.text(id) === null) id += 1
  return id
}

/** A token that is a part of a character is spelt by its bytes, as OpenAI does: `\xf0\x9f`. */
function spell(id: number, tokenizer: Tokenizer, logprob: number, only: string | null): TopLogprob {
  const whole = tokenizer.text(id)
  const text = only !== null && whole !== null ? only : whole
  const bytes = [...(text === null ? tokenizer.bytes(id) : new TextEncoder().encode(text))]
  return {
    token: text ?? bytes.map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    logprob,
    bytes,
  }
}
