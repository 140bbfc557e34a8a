import type { JsonObject } from '../json.ts'
import { instance } from '../schema/instance.ts'
import type { Reading } from './reading.ts'
import { shorten } from './words.ts'

const KEYS = /\b(?:keys?|fields?|propert(?:y|ies))\b(?:\s+(?:named|called|of|are))?[\s:]*([^.?!\n]{1,200})/i
const NUMERIC = /age|count|number|total|price|amount|score|year|quantity/i

/** A JSON object: with the keys that were asked for, or one that says what it is and what was said. */
export function jsonObject(reading: Reading, speech: string, seed: number): string {
  const keys = askedKeys(reading.said)
  if (keys.length === 0)
    return JSON.stringify({
      engine: 'sandbox',
      is_ai: false,
      you_said: shorten(reading.said, 200),
      answer: speech,
    })
  const properties: JsonObject = Object.fromEntries(
    keys.map(key => [key, { type: NUMERIC.test(key) ? 'integer' : 'string' }]),
  )
  const schema = { type: 'object', properties, required: keys }
  return JSON.stringify(instance(schema, reading.words, speech, seed))
}

function askedKeys(said: string): readonly string[] {
  const listed = KEYS.exec(said)?.[1] ?? ''
  const keys = listed
    .split(/,|\band\b/)
    .map(part => /^[\s"'`]*([A-Za-z_][\w-]{0,40})["'`\s]*$/.exec(part)?.[1])
  return [...new Set(keys.filter(key => key !== undefined))]
}
