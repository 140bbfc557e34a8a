import type { EventEdit } from '../../core/stream.ts'
import type { JsonValue } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import type { FunctionTool, Tool } from '../../ir/tool.ts'
import type { SchemaFacts } from '../../providers/profile.ts'
import type { Lowered } from '../schema/lower.ts'
import { needsRestoring, restoreValue } from '../schema/restore.ts'
import type { Adapter } from './adaptation.ts'
import { lowered, notesOf, refusalIn, sentSchema } from './lowered.ts'

interface Change {
  readonly tool: Tool
  readonly notes: readonly Note[]
  readonly lowered?: Lowered
}

/** Arguments of tools for a target that takes only a part of JSON Schema. */
export const toolSchemas: Adapter = (request, context) => {
  const { schemas } = context.facts
  if (schemas === undefined || request.tools === undefined) return undefined
  const changes = request.tools.map((tool, index) => change(tool, `tools[${index}]`, schemas))
  if (changes.every(({ tool }, index) => tool === request.tools?.[index])) return undefined
  const back = new Map<string, Lowered>()
  for (const { tool, lowered: made } of changes) {
    if (tool.kind === 'function' && made !== undefined && needsRestoring(made)) back.set(tool.name, made)
  }
  return {
    id: 'tool-schemas',
    request: rest => ({
      value: { ...rest, tools: changes.map(({ tool }) => tool) },
      notes: changes.flatMap(({ notes }) => notes),
    }),
    ...(back.size === 0 ? {} : { restore: () => createArgumentsEdit(back) }),
  }
}

function change(tool: Tool, path: string, schemas: SchemaFacts): Change {
  if (tool.kind !== 'function' || tool.parameters === undefined) return { tool, notes: [] }
  const isStrict = tool.strict === true && schemas.strictTools !== undefined
  const id = isStrict ? schemas.strictTools : schemas.tools
  if (id === undefined) return { tool, notes: [] }
  const made = lowered(tool.parameters, id)
  const refused = made.isWrapped ? asRoot : refusalIn(made)
  if (isStrict && refused !== undefined) return loosened(tool, path, refused, schemas)
  const optional: readonly Note[] =
    made.optional.size === 0
      ? []
      : [
          {
            kind: 'emulated',
            path: `${path}.parameters`,
            reason:
              'The target wants every argument: those that may stay away may be null instead, and such nulls are taken out of the calls.',
          },
        ]
  const notes = [...notesOf(made, `${path}.parameters`, false), ...optional]
  const parameters = sentSchema(tool.parameters, made)
  return parameters === tool.parameters
    ? { tool, notes: [] }
    : { tool: { ...tool, parameters }, notes, lowered: made }
}

const asRoot = { keyword: 'anyOf', at: '', reason: 'The arguments are not one object.' }

/** A tool whose schema strict mode does not take is called without it. */
function loosened(
  tool: FunctionTool,
  path: string,
  refused: { readonly keyword: string; readonly at: string; readonly reason?: string },
  { strictTools: _, ...schemas }: SchemaFacts,
): Change {
  const { tool: loose, notes, lowered: made } = change({ ...tool, strict: false }, path, schemas)
  const where = refused.at === '' ? '' : ` at ${refused.at}`
  const note: Note = {
    kind: 'approximated',
    path: `${path}.strict`,
    reason: `The target’s strict mode does not take ${refused.keyword}${where}: ${refused.reason ?? ''} The model follows the schema as well as it can.`,
  }
  return { tool: loose, notes: [note, ...notes], ...(made === undefined ? {} : { lowered: made }) }
}

/** Arguments are read whole and brought into the caller's form; what is no JSON stays as it is. */
function createArgumentsEdit(tools: ReadonlyMap<string, Lowered>): EventEdit {
  const calls = new Map<string, { readonly made: Lowered; text: string }>()
  return (event, out) => {
    if (!('part' in event)) {
      out.push(event)
      return
    }
    const key = `${event.candidate}/${event.part}`
    const at = { candidate: event.candidate, part: event.part }
    const call = calls.get(key)
    if (event.type === 'part-start' && event.open.kind === 'tool-call') {
      const made = tools.get(event.open.name)
      if (made !== undefined) calls.set(key, { made, text: event.open.arguments })
      out.push(made === undefined ? event : { ...event, open: { ...event.open, arguments: '' } })
    } else if (call !== undefined && event.type === 'part-delta') {
      call.text += event.args ?? ''
      const { args: _, ...rest } = event
      if (rest.opaque !== undefined || rest.extra !== undefined) out.push(rest)
    } else if (call !== undefined && event.type === 'part-end') {
      calls.delete(key)
      out.push({ type: 'part-delta', ...at, args: restored(call.made, call.text) }, event)
    } else out.push(event)
  }
}

function restored(made: Lowered, text: string): string {
  try {
    return JSON.stringify(restoreValue(made, JSON.parse(text) as JsonValue)) // JSON text is a JSON value
  } catch {
    return text
  }
}
