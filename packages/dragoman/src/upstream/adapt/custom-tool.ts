import type { EventEdit } from '../../core/stream.ts'
import type { Part } from '../../ir/part.ts'
import type { CustomTool, FunctionTool, Tool } from '../../ir/tool.ts'
import type { Adapter } from './adaptation.ts'

const field = 'input'

function wrapTool(tool: CustomTool): FunctionTool {
  const grammar =
    tool.grammar === undefined
      ? ''
      : ` It must match this ${tool.grammar.syntax} grammar: ${tool.grammar.definition}`
  return {
    kind: 'function',
    name: tool.name,
    ...(tool.description === undefined ? {} : { description: tool.description }),
    ...(tool.cache === undefined ? {} : { cache: tool.cache }),
    parameters: {
      type: 'object',
      properties: { [field]: { type: 'string', description: `The tool's input as free text.${grammar}` } },
      required: [field],
      additionalProperties: false,
    },
  }
}

const wrapPart = (part: Part): Part => {
  if (part.kind === 'tool-call' && part.type === 'custom') {
    return { ...part, type: 'function', arguments: JSON.stringify({ [field]: part.arguments }) }
  }
  return part.kind === 'tool-result' && part.type === 'custom' ? { ...part, type: 'function' } : part
}

function unwrapArguments(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && field in parsed) {
      const value = (parsed as { [field]: unknown })[field] // `in` proved the key
      return typeof value === 'string' ? value : JSON.stringify(value)
    }
  } catch {
    // The model wrote something else than the wrapping asked for: its text is the best there is.
  }
  return text
}

/** Calls of wrapped tools become free-text calls again; their text is whole only when the call ends. */
function createUnwrap(names: ReadonlySet<string>): EventEdit {
  const calls = new Map<string, string>()
  return (event, out) => {
    if (!('part' in event)) {
      out.push(event)
      return
    }
    const key = `${event.candidate}/${event.part}`
    if (event.type === 'part-start' && event.open.kind === 'tool-call' && names.has(event.open.name)) {
      calls.set(key, event.open.arguments)
      out.push({ ...event, open: { ...event.open, type: 'custom', arguments: '' } })
      return
    }
    const args = calls.get(key)
    if (args !== undefined && event.type === 'part-delta') {
      calls.set(key, args + (event.args ?? ''))
      return
    }
    if (args !== undefined && event.type === 'part-end') {
      out.push({
        type: 'part-delta',
        candidate: event.candidate,
        part: event.part,
        args: unwrapArguments(args),
      })
      calls.delete(key)
      out.push({ type: 'part-end', candidate: event.candidate, part: event.part })
      return
    }
    out.push(event)
  }
}

/** Free-text tools where the target has only functions: one string argument, taken off again in the answer. */
export const customTools: Adapter = (request, context) => {
  if (!context.used.has('tools.custom') || !context.lacks('tools.custom')) return undefined
  if (!context.emulates('tools')) return undefined
  const names = new Set(request.tools?.flatMap(tool => (tool.kind === 'custom' ? [tool.name] : [])))
  if (names.size === 0) return undefined
  const wrap = (tool: Tool): Tool => (tool.kind === 'custom' ? wrapTool(tool) : tool)
  return {
    id: 'custom-tools',
    request: rest => {
      const choice = rest.toolChoice
      return {
        value: {
          ...rest,
          tools: rest.tools?.map(wrap) ?? [],
          turns: rest.turns.map(turn => ({ ...turn, parts: turn.parts.map(wrapPart) })),
          ...(choice?.mode === 'tool' && choice.tool.kind === 'custom'
            ? { toolChoice: { ...choice, tool: { ...choice.tool, kind: 'function' as const } } }
            : {}),
        },
        notes: [
          {
            kind: 'emulated',
            path: 'tools',
            reason: `${context.why('tools.custom')} Free-text tools are sent as functions with one string; a grammar is described, not enforced.`,
          },
        ],
      }
    },
    restore: () => createUnwrap(names),
  }
}
