import { createFault, type Fault, type Parsed } from '../ir/fault.ts'

// The sentences and codes are OpenAI's, where they were recorded: clients search them and branch on them.

/** HTTP 400 in band of a call, although a page answers 404 for the same id. */
export const previousNotFound = (id: string): Fault =>
  createFault('invalid_request', `Previous response with id '${id}' not found.`, {
    param: 'previous_response_id',
    word: 'previous_response_not_found',
  })

/** What one place keeps is not continued in another: neither can read what the other has. */
export const keptHere = (id: string, model: string): Fault =>
  createFault(
    'invalid_request',
    `Previous response with id '${id}' is kept by this gateway, and the model "${model}" keeps its responses upstream. Continue it with the model that made it, or send the history in \`input\`.`,
    { param: 'previous_response_id' },
  )

export const keptUpstream = (id: string, model: string): Fault =>
  createFault(
    'invalid_request',
    `Previous response with id '${id}' is kept by the provider that made it, and the responses of the model "${model}" are kept by this gateway. Continue it with the model that made it, or send the history in \`input\`.`,
    { param: 'previous_response_id' },
  )

/** Of a response that an upstream keeps: it is there, and cannot be asked about any more. */
export const outOfReach = (id: string, why: string, param?: string): Fault =>
  createFault(
    'invalid_request',
    `Response with id '${id}' is kept by a provider that cannot be asked about it any more: ${why}`,
    param === undefined ? {} : { param },
  )

/** A link of the chain is gone: answering without it would be about something else. */
export const chainBroken = (id: string, missing: string): Fault =>
  createFault(
    'invalid_request',
    `Previous response with id '${id}' continues '${missing}', which is not found: it was deleted or its time is over. Send the history in \`input\` instead.`,
    { param: 'previous_response_id', word: 'previous_response_not_found' },
  )

export const previousUnfinished = (id: string): Fault =>
  createFault(
    'invalid_request',
    `Previous response with id '${id}' is not finished yet. Wait until its status is no longer queued or in_progress.`,
    { param: 'previous_response_id' },
  )

export const responseNotFound = (id: string): Fault =>
  createFault('not_found', `Response with id '${id}' not found.`)

export const conversationNotFound = (id: string): Fault =>
  createFault('not_found', `Conversation with id '${id}' not found.`)

export const itemNotFound = (id: string): Fault => createFault('not_found', `Item with id '${id}' not found.`)

export const referenceNotFound = (id: string): Fault =>
  createFault('not_found', `Item with id '${id}' not found.`, { param: 'input' })

export const notCancellable = createFault(
  'invalid_request',
  'Cannot cancel a synchronous response: only one that was created with `background: true` can be cancelled.',
)

export const notStored = createFault(
  'unsupported_parameter',
  '`background` needs stored responses, which this gateway is configured not to keep (`store.retention`).',
  { param: 'background' },
)

/** The store could not answer: what was promised is not there, and nobody may believe that it is. */
export const storeFailed = createFault(
  'unavailable',
  'The store of responses cannot be used at the moment. Try again shortly, or send `store: false` and the history in `input`.',
)

/** The answer is there, but not what was promised with it. Another try would be another answer, and be paid for. */
export const notKept = createFault(
  'unavailable',
  'The answer could not be stored, so it is not given as if it were. Send `store: false` to do without.',
  { retryable: false },
)

/** What a store gave, or the fault that its failure is; `onFailure` is told why. */
export async function asking<T>(
  work: Promise<T>,
  onFailure: (error: unknown) => void,
  fault = storeFailed,
): Promise<Parsed<T>> {
  try {
    return { ok: true, value: await work }
  } catch (error) {
    onFailure(error)
    return { ok: false, fault }
  }
}
