// Which tools to call, and with what.
import type { Draft } from '../answer.ts'
import { isObject, parseJson } from '../json.ts'
import type { Question, Tool } from '../question.ts'
import { createRandom, hash } from '../random.ts'
import { instance } from '../schema/instance.ts'
import { readPattern } from '../schema/pattern.ts'
import { propertiesOf } from '../schema/resolve.ts'
import type { Reading } from '../text/reading.ts'
import { stems, type Words } from '../text/words.ts'

type Calls = Draft['calls']

/** More calls than this in one answer help nobody. */
const MOST = 8

/** The calls that the question wants: none, those that the words relate to, or one that is forced. */
export function decideCalls(question: Question, reading: Reading, speech: string, seed: number): Calls {
  const { choice, parallel } = question
  const allowed = question.tools.filter(tool => choice.among?.has(tool.name) ?? true)
  if (choice.mode === 'none' || allowed.length === 0) return []
  // Results were just given: to call again would never end.
  if (choice.mode === 'auto' && reading.results.length > 0) return []
  const related = relatedTools(allowed, reading)
  const [first] = allowed
  const chosen = related.length > 0 || choice.mode === 'auto' || !first ? related : [first]
  const calls = chosen.flatMap(tool => callsOf(tool, reading, speech, seed, chosen.length === 1 && parallel))
  return calls.slice(0, parallel ? MOST : 1)
}

/** A tool that every answer of the fault `cut-tool` can call where the request has none. */
export const inventedTool: Tool = {
  kind: 'function',
  name: 'lookup',
  description: '',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string' }, note: { type: 'string' } },
    required: ['query', 'note'],
  },
  strict: false,
}

/** Verbs that stand in the name of many tools, and so tell little about one. */
const GENERIC = new Set([
  ...stems('fetch search lookup run execute tool function query update delete open use'),
])

function relatedTools(tools: readonly Tool[], reading: Reading): readonly Tool[] {
  const text = reading.said.toLowerCase()
  const scripted = tools.filter(tool =>
    new RegExp(
      `\\b(?:call|use|invoke|run)\\s+(?:the\\s+)?(?:tool\\s+|function\\s+)?[\`"']?${tool.name.toLowerCase()}(?![\\w-])`,
    ).test(text),
  )
  if (scripted.length > 0) return scripted
  const spoken = reading.words.stems
  const shared = (words: readonly string[]) => words.filter(word => spoken.has(word)).length
  return tools.filter(tool => {
    const name = [...stems(tool.name.replace(/[_-]+/g, ' '))]
    const telling = name.filter(word => !GENERIC.has(word))
    const described = [...stems(tool.description)].filter(word => !GENERIC.has(word))
    return shared(telling.length > 0 ? telling : name) > 0 || shared(described) >= 2
  })
}

const PLACE = /city|place|location|town|country/i

/** One call, or one for each place where a single tool is asked about several. */
function callsOf(tool: Tool, reading: Reading, speech: string, seed: number, several: boolean): Calls {
  const places = [...new Set(reading.words.names)]
  const asked = tool.kind === 'function' ? propertiesOf(tool.parameters ?? {}).map(([key]) => key) : []
  const wanted = asked.filter(key => PLACE.test(key)).length === 1 && several && places.length > 1
  const readings = wanted ? places.map(place => onlyPlace(reading.words, place)) : [reading.words]
  return readings.map(words => ({
    kind: tool.kind,
    name: tool.name,
    input: inputOf(tool, words, reading, speech, hash(seed, tool.name)),
  }))
}

/** What a function without parameters takes. */
const NOTHING = { type: 'object' } as const

const onlyPlace = (words: Words, place: string): Words => ({ ...words, names: [place] })

function inputOf(tool: Tool, words: Words, reading: Reading, speech: string, seed: number): string {
  const dictated = dictatedInput(tool, reading.said)
  if (dictated !== null) return dictated
  if (tool.kind === 'function')
    return JSON.stringify(instance(tool.parameters ?? NOTHING, words, speech, seed))
  const pattern = tool.pattern === null ? null : readPattern(tool.pattern)
  return pattern?.write(createRandom(seed)) ?? words.quoted[0] ?? reading.said
}

/** `call get_weather {"city": "Oslo"}`: who writes the arguments out gets just these, unless the schema must rule. */
function dictatedInput(tool: Tool, said: string): string | null {
  const at = said.indexOf(tool.name)
  const start = at < 0 ? -1 : said.indexOf('{', at)
  if (tool.kind !== 'function' || tool.strict || start < 0 || start - at > tool.name.length + 30) return null
  for (let end = said.lastIndexOf('}'); end > start; end = said.lastIndexOf('}', end - 1)) {
    const value = parseJson(said.slice(start, end + 1))
    if (isObject(value)) return JSON.stringify(value)
  }
  return null
}
