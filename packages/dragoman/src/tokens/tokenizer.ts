/** A tokenizer, loaded on first use: its tables take tens of milliseconds to read, which start-up should not pay. */
interface Tokenizer {
  encode(text: string): number[]
  decode(tokens: Iterable<number>): string
}

const loaders: { readonly [name: string]: () => Promise<Tokenizer> } = {
  o200k_base: () => import('gpt-tokenizer/encoding/o200k_base'),
  cl100k_base: () => import('gpt-tokenizer/encoding/cl100k_base'),
}

/** The text of these token ids, or undefined where the tokenizer is not known here or the ids are not its own. */
export async function decodeTokens(name: string, tokens: readonly number[]): Promise<string | undefined> {
  const tokenizer = await loaders[name]?.()
  try {
    return tokenizer?.decode(tokens)
  } catch {
    return undefined
  }
}

/** The number of tokens of a text by a tokenizer, `o200k_base` where the name is not known here. */
export async function countTokens(text: string, name = 'o200k_base'): Promise<number> {
  const load = loaders[name] ?? loaders.o200k_base
  return (await load?.())?.encode(text).length ?? 0
}
