import type { Config } from '../config/config.ts'
import type { Discovered } from '../config/discover.ts'
import { isLoopback } from '../config/loopback.ts'
import type { ProviderKind } from '../providers/provider.ts'
import { whereFound } from './listing.ts'
import { type Style, table } from './terminal.ts'

export interface GreetingFacts {
  readonly version: string
  readonly url: string
  /** Undefined where no key is needed. */
  readonly key: string | undefined
  readonly config: Config
  readonly file: string | undefined
  readonly found: readonly Discovered[]
  readonly unusable: readonly string[]
  readonly kinds: { readonly [kind: string]: ProviderKind }
}

/** One line that a shell takes as it is: asks the embedded engine, or the first model there is, for a stream. */
export function curlLine(url: string, key: string | undefined, model: string): string {
  const body = JSON.stringify({
    model,
    stream: true,
    messages: [{ role: 'user', content: 'Hello! What are you?' }],
  })
  const authorization = key === undefined ? '' : ` -H ${quoteForShell(`authorization: Bearer ${key}`)}`
  return `curl -N ${url}/v1/chat/completions${authorization} -H 'content-type: application/json' -d ${quoteForShell(body)}`
}

const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** The embedded engine's name among the providers, where it is switched on. */
function embeddedOf({ config, kinds }: GreetingFacts): string | undefined {
  return Object.keys(config.providers).find(
    name => kinds[config.providers[name]?.kind ?? '']?.embedded === true,
  )
}

function providerRows(facts: GreetingFacts, style: Style): readonly (readonly string[])[] {
  const { config, found, file, kinds } = facts
  return Object.entries(config.providers).map(([name, provider]) => {
    if (kinds[provider.kind]?.embedded === true) {
      return [name, 'built in, and not an AI: it answers by rules, for first steps and tests']
    }
    const discovered = found.find(one => one.name === name)
    if (discovered !== undefined) return [name, `${whereFound(discovered)}; models are ${name}/...`]
    return [name, style.dim(file === undefined ? provider.baseUrl : `${provider.baseUrl}, from the file`)]
  })
}

/** How to get a first real model, from what the catalogue knows. */
function realModelHint({ kinds, found }: GreetingFacts): readonly string[] {
  if (found.length > 0) return []
  const variables = Object.values(kinds).flatMap(kind => kind.env?.slice(0, 1) ?? [])
  const engines = Object.values(kinds).flatMap(kind => (kind.local === undefined ? [] : [kind.title]))
  return [
    `A real model: set ${variables.join(' or ')} and start again, or start ${engines.join(', ')}`,
    '(found by itself within half a minute), or write dragoman.yaml; "dragoman config schema" describes it.',
  ]
}

/** The first minute: the address, a line to paste, how to point an SDK here, and which models there are. */
export function writeGreeting(facts: GreetingFacts, style: Style): string {
  const { url, key, config, file } = facts
  const model = embeddedOf(facts) ?? Object.keys(config.models).find(name => !name.includes('*')) ?? 'MODEL'
  const shown = key ?? 'none'
  const rows = table(providerRows(facts, style), 3).map(row => `  ${row}`)
  const aliases = Object.keys(config.models)
  return [
    '',
    `${style.bold('Dragoman')} ${facts.version} listens on ${style.bold(url)}`,
    ...(isLoopback(config.server.host)
      ? []
      : ['and can be reached from other machines, by whoever has a key.']),
    '',
    'Paste this; it answers, and streams:',
    '',
    `  ${curlLine(url, key, model)}`,
    '',
    'Or point an SDK here, and keep your code:',
    '',
    `  OPENAI_BASE_URL=${url}/v1 OPENAI_API_KEY=${shown}`,
    `  ANTHROPIC_BASE_URL=${url} ANTHROPIC_API_KEY=${shown}`,
    `  GOOGLE_GEMINI_BASE_URL=${url} GEMINI_API_KEY=${shown}`,
    '',
    file === undefined ? 'Providers:' : `Providers, with ${file}:`,
    ...rows,
    ...(aliases.length === 0 ? [] : [`Names of your own: ${aliases.join(', ')}`]),
    ...facts.unusable.map(name =>
      style.warn(`${name} is set, but holds a space or a character that no key has.`),
    ),
    '',
    ...realModelHint(facts),
    '',
  ].join('\n')
}
