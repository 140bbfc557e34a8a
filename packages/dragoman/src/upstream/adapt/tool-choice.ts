import type { GenerateRequest } from '../../ir/request.ts'
import type { Tool, ToolReference } from '../../ir/tool.ts'
import type { Adapter } from './adaptation.ts'
import { needsTools } from './turns.ts'

const isNamed = (tool: Tool, reference: ToolReference) =>
  reference.kind === tool.kind && reference.name === (tool.kind === 'hosted' ? tool.type : tool.name)

/** `none` where the target does not know it: without tools none can be called. */
export const noneByLeavingOut: Adapter = (request, context) => {
  if (request.toolChoice?.mode !== 'none' || !context.lacks('tool-choice.none') || !request.tools?.length)
    return undefined
  if (needsTools(request, context)) {
    return {
      id: 'tool-choice-none',
      request: ({ toolChoice: _, ...rest }) => ({
        value: rest,
        notes: [
          {
            kind: 'approximated',
            path: 'toolChoice',
            reason: `${context.why('tool-choice.none')} The history calls tools, which have to stay declared: the model may call them.`,
          },
        ],
      }),
    }
  }
  return {
    id: 'tool-choice-none',
    request: ({ tools: _, toolChoice: __, parallelToolCalls: ___, ...rest }) => ({
      value: rest,
      notes: [
        {
          kind: 'emulated',
          path: 'toolChoice',
          reason: `${context.why('tool-choice.none')} The tools are left out of this request.`,
        },
      ],
    }),
  }
}

/** A named tool where the target only knows "any": it is sent alone. */
export const namedBySendingAlone: Adapter = (request, context) => {
  const choice = request.toolChoice
  if (choice?.mode !== 'tool' || !context.lacks('tool-choice.named')) return undefined
  const only = request.tools?.filter(tool => isNamed(tool, choice.tool)) ?? []
  const canForce = !context.lacks('tool-choice.required')
  return {
    id: 'tool-choice-named',
    request: (rest: GenerateRequest) => ({
      value: { ...rest, tools: only, toolChoice: { mode: canForce ? 'required' : 'auto' } },
      notes: [
        {
          kind: canForce ? 'emulated' : 'approximated',
          path: 'toolChoice',
          reason: canForce
            ? `${context.why('tool-choice.named')} Only that tool is sent, with the choice "required".`
            : `${context.why('tool-choice.named')} Only that tool is sent; the model may still answer in text.`,
        },
      ],
    }),
  }
}

/** "required" where the target cannot be forced: it is asked, not made. */
export const requiredByAsking: Adapter = (request, context) => {
  if (request.toolChoice?.mode !== 'required' || !context.lacks('tool-choice.required')) return undefined
  return {
    id: 'tool-choice-required',
    request: rest => ({
      value: { ...rest, toolChoice: { mode: 'auto' } },
      notes: [
        {
          kind: 'approximated',
          path: 'toolChoice',
          reason: `${context.why('tool-choice.required')} The model may answer in text instead of calling a tool.`,
        },
      ],
    }),
  }
}

/** An allowed subset where the target has no word for it: only the subset is sent, which changes the cached prefix. */
export const allowedBySubset: Adapter = (request, context) => {
  const choice = request.toolChoice
  const allowed = choice !== undefined && 'allowed' in choice ? choice.allowed : undefined
  if (
    allowed === undefined ||
    choice === undefined ||
    choice.mode === 'tool' ||
    !context.lacks('tool-choice.allowed')
  ) {
    return undefined
  }
  return {
    id: 'tool-choice-allowed',
    request: rest => ({
      value: {
        ...rest,
        tools: rest.tools?.filter(tool => allowed.some(reference => isNamed(tool, reference))) ?? [],
        toolChoice: { mode: choice.mode },
      },
      notes: [
        {
          kind: 'emulated',
          path: 'toolChoice',
          reason: `${context.why('tool-choice.allowed')} Only the allowed tools are sent, so a cached prompt prefix does not match.`,
        },
      ],
    }),
  }
}
