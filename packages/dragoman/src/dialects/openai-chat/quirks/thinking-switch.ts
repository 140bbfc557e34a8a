import type { Quirk } from '../../../core/quirk.ts'
import type { JsonValue } from '../../../ir/json.ts'
import { isObject, without } from '../../../wire/json.ts'
import { changed, unchanged } from './edit.ts'

const effortField = new Set(['reasoning_effort'])

/** How a host is told to think or not: the field and what it says. */
interface Switch {
  readonly field: string
  readonly on: JsonValue
  readonly off: JsonValue
}

const thinking: Switch = { field: 'thinking', on: { type: 'enabled' }, off: { type: 'disabled' } }
const enableThinking: Switch = { field: 'enable_thinking', on: true, off: false }

/** Efforts as a switch; with `keeps` only `none` is one, and the host reads the others itself. */
const effortAs =
  ({ field, on, off }: Switch, keeps: boolean): NonNullable<Quirk['request']> =>
  wire => {
    const { reasoning_effort: effort } = wire
    if (effort === undefined || (keeps && effort !== 'none')) return unchanged(wire)
    const value = { [field]: effort === 'none' ? off : on, ...without(wire, effortField) }
    return changed(value, {
      kind: effort === 'none' ? 'renamed' : 'approximated',
      path: 'reasoning.effort',
      reason: `This upstream has a switch ${field} for ${keeps ? 'no effort' : 'thinking, and no efforts'}.`,
    })
  }

/** A call that is forced cannot be thought about: thinking goes, because the caller asked for the call. */
const unthinkingForce =
  ({ field, off }: Switch): NonNullable<Quirk['request']> =>
  wire => {
    const { tool_choice: choice } = wire
    if ((choice !== 'required' && !isObject(choice)) || wire[field] === off) return unchanged(wire)
    const now = wire[field]
    if (isObject(now) && now.type === 'disabled') return unchanged(wire)
    return changed(
      { ...without(wire, effortField), [field]: off },
      {
        kind: 'approximated',
        path: 'reasoning.mode',
        reason: 'This upstream refuses a forced tool while it thinks: it was told not to think.',
      },
    )
  }

const modelThinks = /^(?:qwen3-\d+(?:\.\d+)?b|qwq)/i

export const thinkingSwitches: readonly Quirk[] = [
  {
    id: 'effort-none-as-thinking',
    reason: 'Has efforts, and switches thinking off by thinking.type (its API documents).',
    request: effortAs(thinking, true),
  },
  {
    id: 'effort-as-thinking',
    reason: 'Has thinking.type and no efforts (its OpenAPI, 2026-08; zai-org/z-ai-sdk-python).',
    request: effortAs(thinking, false),
  },
  {
    id: 'effort-as-enable-thinking',
    reason: 'Has enable_thinking and no efforts (its adapter in vercel/ai).',
    request: effortAs(enableThinking, false),
  },
  {
    id: 'forced-tool-thinking',
    reason: 'Refuses a forced tool while it thinks, which it does by default (cloudwego/eino#994).',
    request: unthinkingForce(thinking),
  },
  {
    id: 'forced-tool-enable-thinking',
    reason: 'Refuses a forced tool while it thinks (its adapter in vercel/ai).',
    request: unthinkingForce(enableThinking),
  },
  {
    id: 'whole-without-thinking',
    reason:
      'Open models that think answer whole requests with 400 "parameter.enable_thinking must be set to false for non-streaming calls" (QwenLM/Qwen-Agent#941).',
    request(wire) {
      const { stream, model, enable_thinking: said } = wire
      if (stream === true || said === false || typeof model !== 'string' || !modelThinks.test(model))
        return unchanged(wire)
      return changed(
        { ...wire, enable_thinking: false },
        {
          kind: 'approximated',
          path: 'reasoning.mode',
          reason: 'This model thinks in streams only: it was told not to think.',
        },
      )
    },
  },
]
