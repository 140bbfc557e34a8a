/** The table of CRC-32 with the reflected polynomial 0xEDB88320 (IEEE 802.3). */
const table = new Uint32Array(256).map((_, byte) => {
  let sum = byte
  for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0)
  return sum
})

/** CRC-32 (IEEE 802.3, as zip and the AWS event stream use it) of the bytes from `start` to `end`, exclusive. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let sum = 0xffffffff
  for (let at = start; at < end; at++) {
    sum = (sum >>> 8) ^ (table[(sum ^ (bytes[at] ?? 0)) & 0xff] ?? 0)
  }
  return ~sum >>> 0
}
