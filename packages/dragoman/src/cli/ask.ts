import { CommandError, exitCodes } from './exit.ts'
import { reasonOf } from './settings.ts'

/** How long a server that was asked something small may take, in milliseconds. */
const patience = 10_000

export interface Asked {
  readonly status: number
  readonly headers: Headers
  /** The body as JSON, or undefined where it is none. */
  readonly json: unknown
}

/** GETs an address and reads what it says. Rejects where nothing answers. */
export async function ask(url: string, key: string | undefined): Promise<Asked> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}`, 'x-api-key': key }
  const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(patience) })
  const text = await response.text()
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // Not every server speaks JSON; its status still says something.
  }
  return { status: response.status, headers: response.headers, json }
}

/** Asks the running gateway; that it does not answer ends the command. */
export async function askGateway(url: string, path: string, key: string): Promise<Asked> {
  if (!URL.canParse(url))
    throw new CommandError(`${url} is not an address. Write it as http://127.0.0.1:4343.`, exitCodes.usage)
  const base = url.replace(/\/+$/, '').replace(/\/v1$/, '')
  try {
    return await ask(`${base}${path}`, key)
  } catch (error) {
    throw new CommandError(
      `Nothing answers at ${base} (${reasonOf(error)}). Start it with "dragoman", or name another one: --url URL.`,
      exitCodes.unreachable,
    )
  }
}

/** What stands in a field of a value that may have any shape. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as { readonly [key: string]: unknown })[name] // an own key, checked above
    : undefined
}

/** The ids of a models list, `{data: [{id}]}` in every dialect there is; undefined where the answer is none. */
export function modelIds(json: unknown): readonly string[] | undefined {
  const data = fieldOf(json, 'data')
  if (!Array.isArray(data)) return undefined
  return data.map(entry => fieldOf(entry, 'id')).filter(id => typeof id === 'string')
}
