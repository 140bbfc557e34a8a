/**
 * An id for a tool call that came without one: the same call at the same place always gets the same id, so a history
 * that is sent again keeps its prefix and a result still finds its call (DESIGN, ruling 9). 21 characters, far below
 * the 40 that this wire allows.
 */
export function deriveCallId(...parts: readonly (string | number)[]): string {
  const text = parts.map(part => `${String(part).length}:${part}`).join('|')
  return `call_${hash(text, 0x811c9dc5)}${hash(text, 0x2545f491)}`
}

/** FNV-1a over UTF-16 code units with a final mix: it has to spread, not to resist. */
function hash(text: string, seed: number): string {
  let state = seed
  for (let index = 0; index < text.length; index++) {
    state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  }
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return ((state ^ (state >>> 16)) >>> 0).toString(16).padStart(8, '0')
}
