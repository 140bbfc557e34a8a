import type { ProviderKind } from '../providers/provider.ts'
import { addressOf, placeKeys } from './places.ts'
import type { Finding } from './problem.ts'

type Entry = { readonly [key: string]: unknown }

/** What a kind with a host for each customer still needs, and what any other kind has no use for. */
export function checkPlaces(name: string, entry: Entry, kind: ProviderKind): readonly Finding[] {
  const at = ['providers', name]
  return [
    ...checkUseless(at, entry, kind),
    ...checkMissing(at, entry, kind),
    ...checkVersion(at, entry, kind),
    ...checkTwoKeys(at, entry, kind),
  ]
}

function checkUseless(at: readonly string[], entry: Entry, kind: ProviderKind): readonly Finding[] {
  const useless = [
    ...placeKeys.filter(key => kind.places?.[key] === undefined),
    ...(kind.dated === undefined ? ['api_version'] : []),
  ]
  return useless
    .filter(key => entry[key] !== undefined)
    .map(key => ({
      at: [...at, key],
      aboutKey: true,
      message: `says nothing to ${kind.title}.`,
      hint: 'Take it out.',
    }))
}

/** A configured address without a path gets the kind's, which may have braces of its own. */
function checkMissing(at: readonly string[], entry: Entry, kind: ProviderKind): readonly Finding[] {
  const { base_url: configured } = entry
  const address = addressOf(entry, kind)
  const isBare = typeof configured === 'string' && /^https?:\/\/[^/]*\/?$/.test(configured)
  const needed = configured === undefined ? address : isBare ? address.replace(/^https:\/\/[^/]*/, '') : ''
  return placeKeys
    .filter(key => needed.includes(`{${key}}`) && entry[key] === undefined)
    .map(key => {
      const variable = kind.places?.[key]?.env[0] ?? kind.baseUrlEnv?.[0] ?? ''
      const instead = address.startsWith(`https://{${key}}`) ? ', or its whole address as base_url' : ''
      return { at, message: `has no ${key}.`, hint: `Add ${key}${instead}, or set ${variable}.` }
    })
}

/** The newer address takes no dates, and answers paths of the older API with a 404. */
function checkVersion(at: readonly string[], entry: Entry, kind: ProviderKind): readonly Finding[] {
  const { base_url: configured, api_version: version } = entry
  if (kind.dated === undefined || version === undefined || typeof configured !== 'string') return []
  if (!/\/v1\/?$/.test(configured)) return []
  const message = 'names a version by date, and base_url is the API that has none.'
  return [{ at: [...at, 'api_version'], message, hint: 'Take one of them out.' }]
}

/** A token goes as a header of the configuration; beside a key, the service would choose. */
function checkTwoKeys(at: readonly string[], entry: Entry, kind: ProviderKind): readonly Finding[] {
  const { headers, api_key: key } = entry
  if (kind.auth.type !== 'header' || key === undefined || typeof headers !== 'object' || headers === null)
    return []
  if (!Object.keys(headers).some(name => name.toLowerCase() === 'authorization')) return []
  const message = 'has an api_key and an authorization header; requests carry one of them.'
  return [{ at, message, hint: 'Take one of them out.' }]
}
