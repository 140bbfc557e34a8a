import type { GenerateRequest, OutputFormat } from '../../ir/request.ts'
import type { FunctionTool } from '../../ir/tool.ts'
import type { SchemaNote } from '../schema/lower.ts'
import type { AdaptContext, Adapter } from './adaptation.ts'
import { unsayable } from './lowered.ts'
import { createAnswerEdit } from './schema-answer.ts'

const anyObject = { type: 'object', additionalProperties: true } as const

/** A name none of the caller's tools has. */
function freeName(request: GenerateRequest, wanted: string): string {
  const taken = new Set(request.tools?.map(tool => (tool.kind === 'hosted' ? tool.type : tool.name)))
  let name = wanted
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`
  return name
}

function answerTool(
  request: GenerateRequest,
  output: OutputFormat & { kind: 'json' | 'json-schema' },
): FunctionTool {
  const schema = output.kind === 'json-schema' ? output.schema : undefined
  const about = output.kind === 'json-schema' ? output.description : undefined
  return {
    kind: 'function',
    name: freeName(request, 'json_answer'),
    description: `Gives the final answer as structured data. Call it exactly once, with the whole answer.${about === undefined ? '' : ` ${about}`}`,
    parameters:
      schema?.type === 'object' ? schema : { ...(schema === undefined ? anyObject : wrapped(schema)) },
  }
}

/** Arguments are always an object: a schema of another type stands under one key, which `restore` takes away again. */
const wrapped = (schema: NonNullable<(OutputFormat & { kind: 'json-schema' })['schema']>) => ({
  type: 'object' as const,
  properties: { value: schema },
  required: ['value'],
  additionalProperties: false,
})

function emulation(
  output: OutputFormat & { kind: 'json' | 'json-schema' },
  context: AdaptContext,
  refused: SchemaNote | undefined,
): string {
  const feature = output.kind === 'json' ? 'output.json' : 'output.json-schema'
  const where = refused?.at === '' || refused === undefined ? '' : ` at ${refused.at}`
  const why =
    refused === undefined
      ? context.why(feature)
      : `The target’s structured outputs do not take ${refused.keyword}${where}: ${refused.reason ?? ''}`
  return `${why} The model is made to call a tool whose arguments are the answer.`
}

/** JSON by a forced tool, where the target has no native structured output. */
export const schemaTool: Adapter = (request, context) => {
  const output = request.output
  if (output === undefined || output.kind === 'text') return undefined
  const feature = output.kind === 'json' ? 'output.json' : 'output.json-schema'
  const refused = unsayable(output, context)
  if ((!context.lacks(feature) && refused === undefined) || !context.emulates('output')) return undefined
  const tool = answerTool(request, output)
  const isWrapped =
    output.kind === 'json-schema' && output.schema !== undefined && output.schema.type !== 'object'
  const schema = output.kind === 'json-schema' ? output.schema : undefined
  const own = request.tools ?? []
  const mayCallOwn = own.length > 0 && request.toolChoice?.mode !== 'none'
  const forced = !context.lacks('tool-choice.required')
  return {
    id: 'schema-tool',
    checks: schema !== undefined && context.validator !== undefined,
    request: ({ output: _, ...rest }) => ({
      value: {
        ...rest,
        tools: [...(mayCallOwn ? own : []), tool],
        toolChoice: !forced
          ? { mode: 'auto' }
          : mayCallOwn
            ? { mode: 'required' }
            : { mode: 'tool', tool: { kind: 'function', name: tool.name } },
      },
      notes: [
        { kind: 'emulated', path: 'output', reason: emulation(output, context, refused) },
        ...(mayCallOwn && request.toolChoice !== undefined && request.toolChoice.mode !== 'required'
          ? ([
              {
                kind: 'approximated',
                path: 'toolChoice',
                reason:
                  'With emulated structured output the model must call a tool: one of yours, or the answer.',
              },
            ] as const)
          : []),
      ],
    }),
    restore: () =>
      createAnswerEdit({
        tool: tool.name,
        isWrapped,
        check: value => context.validator?.check(schema ?? anyObject, value),
        live: context.structuredStream === 'live' && !isWrapped,
      }),
  }
}
