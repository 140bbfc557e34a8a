import { hexadecimal } from '../random.ts'

/**
 * Ids of Responses: all ids of one response begin alike (captures). The digit that follows tells whether the response
 * holds reasoning, which lets an engine without memory know what belongs together when a client sends it back.
 */
export interface Ids {
  readonly response: string
  item(prefix: 'rs' | 'msg' | 'fc' | 'ctc', index: number): string
}

export function createIds(salt: string, reasons: boolean): Ids {
  const base = `${hexadecimal(16, salt)}${reasons ? '1' : '0'}`
  return {
    response: `resp_${base}${hexadecimal(33, base, 'resp')}`,
    item: (prefix, index) => `${prefix}_${base}${hexadecimal(33, base, prefix, index)}`,
  }
}

/** The reasoning item that must stand before a call of this id; null for a call that was made without, or is not ours. */
export function reasoningBefore(callItem: string): string | null {
  const base = /^fc_([0-9a-f]{16}1)[0-9a-f]{33}$/.exec(callItem)?.[1]
  return base === undefined ? null : `rs_${base}${hexadecimal(33, base, 'rs', 0)}`
}

/** Opaque reasoning: nothing is in it but proof that it comes from here and is whole. */
export const seal = (id: string): string => `sandbox.${btoa(id)}.${hexadecimal(32, 'seal', id)}`

export function isSealed(content: string): boolean {
  const [mark, body = '', proof] = content.split('.')
  if (mark !== 'sandbox' || !/^[A-Za-z0-9+/=]*$/.test(body) || body.length % 4 !== 0) return false
  return proof === hexadecimal(32, 'seal', atob(body))
}
