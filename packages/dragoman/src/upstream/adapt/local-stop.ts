import type { EventEdit } from '../../core/stream.ts'
import type { Event } from '../../ir/event.ts'
import type { Adapter } from './adaptation.ts'

/** The longest tail of `text` that could be the beginning of one of the stops. */
function heldBack(text: string, stops: readonly string[]): number {
  let longest = 0
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) {
        longest = length
        break
      }
    }
  }
  return longest
}

/** The stop that is complete first, as a model that writes letter by letter meets it; of two, the longer one. */
function firstStop(text: string, stops: readonly string[]): { at: number; stop: string } | undefined {
  let found: { at: number; stop: string } | undefined
  let end = Number.POSITIVE_INFINITY
  for (const stop of stops) {
    const at = text.indexOf(stop)
    if (at < 0 || at + stop.length > end) continue
    if (at + stop.length === end && at > (found?.at ?? 0)) continue
    found = { at, stop }
    end = at + stop.length
  }
  return found
}

/**
 * Cuts text at the first stop sequence, also where it lies across deltas: only the tail that may still become a stop
 * waits. After the stop the candidate says no more, whatever the upstream goes on to say.
 */
function createStopEdit(stops: readonly string[]): EventEdit {
  const pending = new Map<string, string>()
  const stopped = new Map<number, string>()
  const open = new Map<string, true>()

  const say = (event: Event & { type: 'part-delta' }, text: string, out: Event[]) => {
    if (text !== '' || event.logprobs !== undefined) out.push({ ...event, text })
  }

  return (event, out) => {
    if ('candidate' in event && event.candidate !== undefined && stopped.has(event.candidate)) {
      if (event.type === 'finish') {
        const stopSequence = stopped.get(event.candidate) ?? ''
        out.push({ ...event, finish: { reason: 'stop', stopSequence } })
      } else if (event.type === 'part-end' && open.delete(`${event.candidate}/${event.part}`)) {
        const { close: _, ...end } = event
        out.push(end)
      } else if (event.type === 'fault') {
        out.push(event)
      }
      return
    }
    if (event.type === 'part-start') {
      open.set(`${event.candidate}/${event.part}`, true)
      if (event.open.kind === 'text') pending.set(`${event.candidate}/${event.part}`, '')
    }
    if (event.type === 'part-delta' && event.text !== undefined) {
      const key = `${event.candidate}/${event.part}`
      const before = pending.get(key)
      if (before !== undefined) {
        const text = before + event.text
        const hit = firstStop(text, stops)
        if (hit !== undefined) {
          say(event, text.slice(0, hit.at), out)
          pending.delete(key)
          stopped.set(event.candidate, hit.stop)
          return
        }
        const keep = heldBack(text, stops)
        pending.set(key, keep === 0 ? '' : text.slice(-keep))
        say(event, keep === 0 ? text : text.slice(0, -keep), out)
        return
      }
    }
    if (event.type === 'part-end') {
      const key = `${event.candidate}/${event.part}`
      const rest = pending.get(key)
      if (rest !== undefined && rest !== '') {
        out.push({ type: 'part-delta', candidate: event.candidate, part: event.part, text: rest })
      }
      pending.delete(key)
      open.delete(key)
    }
    out.push(event)
  }
}

/** `stop` where the target has none. The upstream is not told, so it is billed for what comes after the stop. */
export const localStop: Adapter = (request, context) => {
  const stops = request.sampling.stop?.filter(stop => stop !== '') ?? []
  if (stops.length === 0 || !context.lacks('stop') || !context.emulates('sampling.stop')) return undefined
  return {
    id: 'local-stop',
    request: ({ sampling: { stop: _, ...sampling }, ...rest }) => ({
      value: { ...rest, sampling },
      notes: [
        {
          kind: 'emulated',
          path: 'sampling.stop',
          reason: `${context.why('stop')} The text is cut here; tokens after the stop are still generated and billed.`,
        },
      ],
    }),
    restore: () => createStopEdit(stops),
  }
}
