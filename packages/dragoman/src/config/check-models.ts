import { matchesModel } from '../providers/profile.ts'
import type { ProviderKind } from '../providers/provider.ts'
import { type Kinds, kindOf, sectionOf } from './check-providers.ts'
import { type Finding, quote } from './problem.ts'
import { didYouMean } from './suggest.ts'

type Models = { readonly [name: string]: unknown }

/** What a text in `models` stands for: another entry, or one target. */
export type Shorthand =
  | { readonly kind: 'entry'; readonly name: string }
  | { readonly kind: 'target'; readonly provider: string; readonly model: string }

/** Reads `fast` or `groq/llama-3.3-70b`; the model's name may hold slashes of its own. An entry of that name wins. */
export function parseShorthand(text: string, self: string, models: Models): Shorthand | undefined {
  if (text !== self && Object.hasOwn(models, text)) return { kind: 'entry', name: text }
  const slash = text.indexOf('/')
  if (slash <= 0 || slash === text.length - 1) return undefined
  return { kind: 'target', provider: text.slice(0, slash), model: text.slice(slash + 1) }
}

/** The entry that a chain of shorthands ends at, or undefined where it runs in a circle. */
export function followEntries(name: string, models: Models): string | undefined {
  const seen = new Set<string>()
  for (let current = name; !seen.has(current); ) {
    seen.add(current)
    const value = models[current]
    const shorthand = typeof value === 'string' ? parseShorthand(value, current, models) : undefined
    if (shorthand?.kind !== 'entry') return current
    current = shorthand.name
  }
  return undefined
}

function checkName(name: string, earlier: readonly string[]): readonly Finding[] {
  const at = ['models', name]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (name === '' || name === '__proto__' || name.length > 256 || /[\s\x00-\x1f\x7f]/.test(name)) {
    return [
      {
        at,
        aboutKey: true,
        message: 'is not a possible model name.',
        hint: 'Use no spaces, and at most 256 characters.',
      },
    ]
  }
  if (!name.includes('*')) return []
  if (name.includes('**')) {
    return [
      {
        at,
        aboutKey: true,
        message: 'has two stars side by side.',
        hint: 'One star already is any run of characters.',
      },
    ]
  }
  const covering = earlier.find(pattern => pattern.includes('*') && matchesModel(pattern, name))
  if (covering === undefined) return []
  const message = `never matches, because "${covering}" above it takes everything that it would.`
  return [{ at, aboutKey: true, message, hint: 'Put it above that entry.' }]
}

function checkProviderName(
  at: Finding['at'],
  name: string,
  providers: readonly string[],
  kinds: Kinds,
): readonly Finding[] {
  if (providers.includes(name)) return []
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  const variable = kind?.env?.[0]
  let hint = didYouMean(name, providers)
  if (variable !== undefined) hint = `Set ${variable}, or add it under providers.`
  else if (kind !== undefined) hint = 'Add it under providers with its base_url.'
  return [{ at, message: `no provider is called ${quote(name)}.`, hint }]
}

function checkModelName(at: Finding['at'], model: string): readonly Finding[] {
  if (!model.includes('*')) return []
  return [
    {
      at,
      message: 'a target names one model, without a star.',
      hint: 'Leave model out to send the name the caller wrote.',
    },
  ]
}

function checkShorthand(
  name: string,
  text: string,
  models: Models,
  providers: readonly string[],
  kinds: Kinds,
): readonly Finding[] {
  const at = ['models', name]
  const shorthand = parseShorthand(text, name, models)
  if (shorthand === undefined) {
    const message = `${quote(text)} is neither provider/model nor another entry.`
    return [
      {
        at,
        message,
        hint: didYouMean(
          text,
          Object.keys(models).filter(other => other !== name),
        ),
      },
    ]
  }
  if (shorthand.kind === 'target') {
    return [
      ...checkProviderName(at, shorthand.provider, providers, kinds),
      ...checkModelName(at, shorthand.model),
    ]
  }
  if (followEntries(name, models) !== undefined) return []
  return [
    {
      at,
      message: 'names itself, through the entries it stands for.',
      hint: 'Let one of them name a provider/model.',
    },
  ]
}

/** Whether a kind can keep Responses itself: it has that API, and is no engine of ours. */
const keepsResponses = (kind: ProviderKind): boolean =>
  kind.embedded === undefined &&
  kind.bindings.some(({ dialect, paths }) => dialect === 'openai-responses' && paths.generate !== undefined)

/** Where the Responses of an entry are kept: in one place, and where they can be. */
function checkState(
  name: string,
  targets: readonly unknown[],
  sections: Models,
  kinds: Kinds,
): readonly Finding[] {
  const states = targets.map(target => sectionOf(target).state)
  if (!states.includes('upstream')) return []
  return targets.flatMap((entry, position): Finding[] => {
    const { provider, state } = sectionOf(entry)
    const at = ['models', name, 'targets', position, 'state']
    if (state === undefined || state === 'gateway') {
      const message = 'is not upstream, although another target of this entry says so.'
      const hint = 'Let all of them say the same: a conversation is kept in one place.'
      return [{ at: state === undefined ? at.slice(0, -1) : at, message, hint }]
    }
    if (typeof provider !== 'string' || state !== 'upstream') return []
    const kind = kindOf(provider, sectionOf(sections[provider]).kind, kinds)
    if (kind === undefined || keepsResponses(kind)) return []
    const message = `${kind.title} keeps no Responses: it has no API of that dialect that stores any.`
    return [{ at, message, hint: 'Take it out; then this gateway keeps them.' }]
  })
}

/** Everything that the shape alone cannot say about `models`; reads the input as it was written, in any state. */
export function checkModels(
  models: Models,
  providers: readonly string[],
  kinds: Kinds,
  sections: Models,
): readonly Finding[] {
  const names = Object.keys(models)
  return names.flatMap((name, index): Finding[] => {
    const value = models[name]
    const findings = [...checkName(name, names.slice(0, index))]
    if (typeof value === 'string' && value !== '') {
      findings.push(...checkShorthand(name, value, models, providers, kinds))
    }
    const targets = sectionOf(value).targets
    for (const [position, entry] of (Array.isArray(targets) ? targets : []).entries()) {
      const at = ['models', name, 'targets', position]
      const target = sectionOf(entry)
      if (typeof target.provider === 'string' && target.provider !== '') {
        findings.push(...checkProviderName([...at, 'provider'], target.provider, providers, kinds))
      }
      if (typeof target.model === 'string') findings.push(...checkModelName([...at, 'model'], target.model))
    }
    if (Array.isArray(targets)) findings.push(...checkState(name, targets, sections, kinds))
    return findings
  })
}
