import type { EventEdit } from '../../core/stream.ts'
import type { Part } from '../../ir/part.ts'
import type { GenerateRequest } from '../../ir/request.ts'
import type { Adapter } from './adaptation.ts'

/** FNV-1a, 32 bits: a stable short name for a long or foreign one, the same in every turn of a history. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return (hash >>> 0).toString(36)
}

/** The same text in the letters all wires take, short enough, and different for different texts. */
function safe(text: string, length: number): string {
  const suffix = `_${fingerprint(text)}`
  return text.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, length - suffix.length) + suffix
}

/** A safe name for a wire that takes fewer letters still: no dash, no digit first. */
function plain(text: string, length: number): string {
  const name = safe(text, length - 1).replaceAll('-', '_')
  return /^[0-9]/.test(name) ? `_${name}` : name
}

function mapParts(request: GenerateRequest, map: (part: Part) => Part): GenerateRequest {
  return { ...request, turns: request.turns.map(turn => ({ ...turn, parts: turn.parts.map(map) })) }
}

function foreignNames(request: GenerateRequest, pattern: RegExp): Map<string, string> {
  const names = new Map<string, string>()
  const look = (name: string) => {
    if (pattern.test(name)) return
    const short = safe(name, 64)
    names.set(name, pattern.test(short) ? short : plain(name, 64))
  }
  for (const tool of request.tools ?? []) if (tool.kind !== 'hosted') look(tool.name)
  for (const turn of request.turns)
    for (const part of turn.parts) if (part.kind === 'tool-call') look(part.name)
  return names
}

function createRename(back: ReadonlyMap<string, string>): EventEdit {
  return (event, out) => {
    const name =
      event.type === 'part-start' && event.open.kind === 'tool-call' ? back.get(event.open.name) : undefined
    if (name === undefined || event.type !== 'part-start' || event.open.kind !== 'tool-call') out.push(event)
    else out.push({ ...event, open: { ...event.open, name } })
  }
}

/** Tool names that the target's wire refuses are replaced, and restored in the answer. */
export const toolNames: Adapter = (request, context) => {
  const renamed = foreignNames(request, context.limits.name)
  if (renamed.size === 0) return undefined
  const rename = (name: string) => renamed.get(name) ?? name
  const back = new Map([...renamed].map(([name, short]) => [short, name]))
  return {
    id: 'tool-names',
    request: rest => {
      const choice = rest.toolChoice
      const named = mapParts(rest, part =>
        part.kind === 'tool-call' ? { ...part, name: rename(part.name) } : part,
      )
      return {
        value: {
          ...named,
          tools:
            rest.tools?.map(tool => (tool.kind === 'hosted' ? tool : { ...tool, name: rename(tool.name) })) ??
            [],
          ...(choice?.mode === 'tool'
            ? { toolChoice: { ...choice, tool: { ...choice.tool, name: rename(choice.tool.name) } } }
            : {}),
        },
        notes: [...renamed].map(([name, short]) => ({
          kind: 'renamed' as const,
          path: 'tools',
          reason: `The target's wire does not take the tool name "${name}"; it travels as "${short}" and comes back as you wrote it.`,
        })),
      }
    },
    restore: () => createRename(back),
  }
}
