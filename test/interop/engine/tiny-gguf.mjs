// Writes a tiny model for llama.cpp: valid GGUF, one layer, 6 MB, no download and no dependency.
//
//   node tiny-gguf.mjs script out.gguf          weights written by hand: the real engine says the texts of scripts.mjs
//   node tiny-gguf.mjs random out.gguf [seed]   random weights: nonsense of any length, invalid UTF-8 included
//
// Scripted: attention and the feed-forward layer are zero and every embedding has a single 1, so that the output
// matrix is a table of what follows what. It answers the same at any temperature and seed, as long as no grammar
// forbids the script.
import { writeFileSync } from 'node:fs'
import { writeGguf } from './gguf.mjs'
import { chatTemplate, endless, scripts, starter } from './scripts.mjs'

const shape = { embedding: 512, heads: 8, forward: 64, layers: 1, context: 16384 }
const kinds = { normal: 1, control: 3 }

/** GPT-2's printable stand-in for each byte: itself where that is printable Latin-1, else a letter from U+0100 on. */
const byteLetters = (() => {
  const isPrintable = byte => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
  let next = 256
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : next++))
})()

const spelled = text => [...Buffer.from(text, 'utf8')].map(byte => byteLetters[byte]).join('')

function createVocabulary() {
  const tokens = []
  const types = []
  const ids = new Map()
  return {
    tokens,
    types,
    idOf: token => ids.get(token),
    add(token, type) {
      if (ids.has(token)) throw new Error(`The token ${JSON.stringify(token)} is there twice.`)
      ids.set(token, tokens.length)
      tokens.push(token)
      types.push(type)
      return tokens.length - 1
    },
  }
}

/** Every byte, the marks of the template, the pieces of the scripts, and what follows what. */
function readScripts() {
  const vocabulary = createVocabulary()
  for (const letter of byteLetters) vocabulary.add(letter, kinds.normal)
  const begin = vocabulary.add('<|bos|>', kinds.control)
  const end = vocabulary.add('<|im_end|>', kinds.control)
  vocabulary.add('<|im_start|>', kinds.control)
  const all = { ...scripts, ...endless }
  for (const name of Object.keys(all)) vocabulary.add(starter(name), kinds.control)

  const follows = new Map()
  const lead = (from, to) => {
    if (follows.has(from)) throw new Error(`Two tokens follow ${vocabulary.tokens[from]}.`)
    follows.set(from, to)
    return to
  }
  const idOf = piece => {
    if (typeof piece === 'number') return piece
    return Buffer.byteLength(piece) === 1
      ? vocabulary.idOf(spelled(piece))
      : vocabulary.add(spelled(piece), kinds.normal)
  }
  for (const [name, pieces] of Object.entries(all)) {
    const path = pieces.map(idOf)
    const last = path.reduce(lead, vocabulary.idOf(starter(name)))
    lead(last, name in endless ? path[1] : end)
  }
  return { vocabulary, follows, begin, end }
}

/** Random numbers of a normal distribution, the same for the same seed. */
function createNoise(seed) {
  let state = seed >>> 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return deviation =>
    deviation * Math.sqrt(-2 * Math.log(uniform() + 1e-9)) * Math.cos(2 * Math.PI * uniform())
}

function createTensors({ vocabulary, follows, end }, noise) {
  const { embedding, forward, layers } = shape
  const size = vocabulary.tokens.length
  if (size > embedding) throw new Error(`${size} tokens do not fit into ${embedding} dimensions.`)
  const tensors = []
  const tensor = (name, dimensions, fill) => {
    const data = new Float32Array(dimensions.reduce((product, one) => product * one, 1))
    fill(data)
    tensors.push({ name, shape: dimensions, data })
  }
  const ones = data => data.fill(1)
  const noisy = deviation => data => {
    for (let index = 0; index < data.length; index++) data[index] = noise(deviation)
  }
  const scripted = (deviation, fill) => (noise === undefined ? fill : noisy(deviation))
  const zero = () => {}

  tensor(
    'token_embd.weight',
    [embedding, size],
    scripted(1, data => {
      for (let token = 0; token < size; token++) data[token * embedding + token] = 1
    }),
  )
  tensor('output_norm.weight', [embedding], ones)
  tensor(
    'output.weight',
    [embedding, size],
    scripted(0.15, data => {
      for (let token = 0; token < size; token++) {
        const next = follows.get(token) ?? end
        data[next * embedding + token] = 1
        // A grammar that forbids the scripted token then finds the end before anything else.
        if (next !== end) data[end * embedding + token] = 0.05
      }
    }),
  )
  for (let layer = 0; layer < layers; layer++) {
    const name = part => `blk.${layer}.${part}.weight`
    tensor(name('attn_norm'), [embedding], ones)
    for (const part of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) {
      tensor(name(part), [embedding, embedding], scripted(0.05, zero))
    }
    tensor(name('ffn_norm'), [embedding], ones)
    tensor(name('ffn_gate'), [embedding, forward], scripted(0.05, zero))
    tensor(name('ffn_up'), [embedding, forward], scripted(0.05, zero))
    tensor(name('ffn_down'), [forward, embedding], scripted(0.05, zero))
  }
  return tensors
}

const describe = ({ vocabulary, begin, end }, name) => ({
  'general.architecture': { string: 'llama' },
  'general.name': { string: name },
  'general.file_type': { u32: 0 },
  'llama.context_length': { u32: shape.context },
  'llama.embedding_length': { u32: shape.embedding },
  'llama.block_count': { u32: shape.layers },
  'llama.feed_forward_length': { u32: shape.forward },
  'llama.attention.head_count': { u32: shape.heads },
  'llama.attention.head_count_kv': { u32: shape.heads },
  'llama.rope.dimension_count': { u32: shape.embedding / shape.heads },
  'llama.attention.layer_norm_rms_epsilon': { f32: 1e-6 },
  'llama.vocab_size': { u32: vocabulary.tokens.length },
  'tokenizer.ggml.model': { string: 'gpt2' },
  'tokenizer.ggml.pre': { string: 'gpt-2' },
  'tokenizer.ggml.tokens': { strings: vocabulary.tokens },
  'tokenizer.ggml.token_type': { i32s: vocabulary.types },
  // The reader wants a merge; this one never applies, because no text holds its result as a token.
  'tokenizer.ggml.merges': { strings: ['q q'] },
  'tokenizer.ggml.bos_token_id': { u32: begin },
  'tokenizer.ggml.eos_token_id': { u32: end },
  'tokenizer.ggml.add_bos_token': { bool: false },
  'tokenizer.chat_template': { string: chatTemplate },
})

const [mode = 'script', path = 'tiny.gguf', seed = '1'] = process.argv.slice(2)
const model = readScripts()
const noise = mode === 'random' ? createNoise(Number(seed)) : undefined
writeFileSync(path, writeGguf(describe(model, `tiny-${mode}`), createTensors(model, noise)))
