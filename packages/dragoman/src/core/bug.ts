import { createFault, type Fault } from '../ir/fault.ts'
import type { Log } from './ports.ts'

/** What an exception becomes (law 7): the log gets it whole, the caller gets the id under which it stands there. */
export function bugFault(error: unknown, id: string, log: Log): Fault {
  const told = error instanceof Error ? error.stack : String(error)
  log('error', 'a bug in the gateway', { call: id, error: told })
  return createFault('internal', `This is a bug in the gateway, not in your request. Its id is ${id}.`)
}
