import type { Frame } from './frame.ts'

const decoder = new TextDecoder()

/** A frame whose data is the end of its bytes, from `from` on, without white space around it. */
export class TextFrame implements Frame {
  readonly raw: Uint8Array
  readonly event = undefined
  private readonly from: number
  private text: string | undefined

  constructor(raw: Uint8Array, from: number) {
    this.raw = raw
    this.from = from
  }

  get data(): string {
    this.text ??= decoder.decode(this.raw.subarray(this.from)).trim()
    return this.text
  }
}
