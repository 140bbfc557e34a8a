// Writes GGUF version 3, the model file of llama.cpp, as far as a small F32 model needs it.

const types = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 }
const alignment = 32

const padding = length => Buffer.alloc((alignment - (length % alignment)) % alignment)

function u32(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function i32(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

function u64(value) {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}

function f32(value) {
  const bytes = Buffer.alloc(4)
  bytes.writeFloatLE(value)
  return bytes
}

function string(value) {
  const bytes = Buffer.from(value, 'utf8')
  return Buffer.concat([u64(bytes.length), bytes])
}

const scalars = { u32, i32, f32, string, bool: value => Buffer.from([value ? 1 : 0]) }

/** A metadata value with its type in front: `{ u32: 1 }`, `{ string: 'x' }`, `{ strings: [...] }`, `{ i32s: [...] }`. */
function metadata(entry) {
  const [[kind, value]] = Object.entries(entry)
  if (kind in scalars) return Buffer.concat([u32(types[kind]), scalars[kind](value)])
  const item = kind.slice(0, -1)
  return Buffer.concat([u32(types.array), u32(types[item]), u64(value.length), ...value.map(scalars[item])])
}

/**
 * The bytes of a model: `fields` is metadata by key, `tensors` a list of `{ name, shape, data }` with `data` a
 * Float32Array and the fastest dimension of `shape` first.
 */
export function writeGguf(fields, tensors) {
  const head = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(Object.keys(fields).length)]
  for (const [key, entry] of Object.entries(fields)) head.push(string(key), metadata(entry))
  let offset = 0
  for (const { name, shape, data } of tensors) {
    head.push(string(name), u32(shape.length), ...shape.map(u64), u32(0), u64(offset))
    offset += Math.ceil(data.byteLength / alignment) * alignment
  }
  const start = Buffer.concat(head)
  const body = tensors.flatMap(({ data }) => [Buffer.from(data.buffer), padding(data.byteLength)])
  return Buffer.concat([start, padding(start.length), ...body])
}
