import type { Part } from '../../ir/part.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import type { Adapter } from './adaptation.ts'

/** What an upstream takes for the id of a call. */
interface IdRule {
  readonly pattern: RegExp
  readonly length: number
}

/** FNV-1a with a final mix, twice, as letters and digits: it has to spread, not to resist. */
function fingerprint(text: string): string {
  const half = (seed: number): string => {
    let hash = seed
    for (let index = 0; index < text.length; index++)
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    return ((hash ^ (hash >>> 13)) >>> 0).toString(36).padStart(7, '0')
  }
  return half(0x811c9dc5) + half(0x2545f491)
}

/**
 * An id that the upstream takes, the same for the same id however often the history is sent: readable where there is
 * room, else letters and digits alone. `attempt` counts the ids before that were taken.
 */
function shorten(id: string, { pattern, length }: IdRule, attempt: number): string {
  const print = fingerprint(attempt === 0 ? id : `${id}\n${attempt}`)
  const readable = `${id.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, Math.max(0, length - 8))}_${print.slice(0, 7)}`
  if (readable.length <= length && pattern.test(readable)) return readable
  return print.slice(0, length).padEnd(Math.min(length, 14), '0')
}

const idOf = (part: Part): string | undefined => {
  if (part.kind === 'tool-call') return part.id
  return part.kind === 'tool-result' ? part.callId : undefined
}

/** New names for the ids that do not fit; different ids stay different, also from those that fit already. */
function renameIds(request: GenerateRequest, rule: IdRule): ReadonlyMap<string, string> {
  const ids = new Set(request.turns.flatMap(({ parts }) => parts.flatMap(part => idOf(part) ?? [])))
  const taken = new Set([...ids].filter(id => rule.pattern.test(id)))
  const renamed = new Map<string, string>()
  for (const id of ids) {
    if (rule.pattern.test(id)) continue
    let attempt = 0
    let name = shorten(id, rule, attempt)
    while (taken.has(name)) name = shorten(id, rule, ++attempt)
    taken.add(name)
    renamed.set(id, name)
  }
  return renamed
}

/**
 * Ids of calls in the history that the target does not take are replaced, the same way in the call and its result. The
 * ids of its own answer need no inverse: they come back as they are.
 */
export const toolIds: Adapter = (request, { facts, limits }) => {
  const rule = facts.callIds ?? { pattern: limits.id, length: limits.idLength }
  const renamed = renameIds(request, rule)
  if (renamed.size === 0) return undefined
  const rename = (id: string) => renamed.get(id) ?? id
  const mapPart = (part: Part): Part => {
    if (part.kind === 'tool-call') return { ...part, id: rename(part.id) }
    return part.kind === 'tool-result' ? { ...part, callId: rename(part.callId) } : part
  }
  return {
    id: 'tool-ids',
    request: rest => ({
      value: { ...rest, turns: rest.turns.map(turn => ({ ...turn, parts: turn.parts.map(mapPart) })) },
      notes: [
        {
          kind: 'renamed',
          path: 'turns',
          reason: `${renamed.size} tool call id${renamed.size === 1 ? '' : 's'} in the history do not fit the target's wire and travel under other names.`,
        },
      ],
    }),
  }
}
