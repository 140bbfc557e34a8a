import type {
  CallerHeaders,
  Operation,
  Operations,
  Principal,
  Received,
  UnsupportedPolicy,
} from '../core/call.ts'
import type { Dialect } from '../core/dialect.ts'
import { createJournal } from '../core/journal.ts'
import { Payload, type PayloadCodec } from '../core/payload.ts'
import type { Ambient } from '../core/ports.ts'
import { findDialect } from '../dialects/registry.ts'
import { createFault, type Fault, type Parsed } from '../ir/fault.ts'
import { isObject, type JsonValue, parseJson } from '../wire/json.ts'
import { readBody } from './body.ts'
import { readCredential } from './credentials.ts'
import type { CallRoute } from './routes.ts'

export interface ReceiveOptions {
  /** Largest body in bytes. */
  readonly maxBody: number
  readonly ambient: Ambient
  /** This gateway's id in `dragoman-hops`. */
  readonly instance: string
  /** Believe `dragoman-mode`: tests and administrators only. */
  readonly trustModeHeader: boolean
  /** Who presents this credential. */
  identify(credential: string | undefined): Parsed<Principal> | Promise<Parsed<Principal>>
}

/** How many gateways of ours a call may pass. */
const mostHops = 8

/** A web request as a call, or the fault that its sender hears. */
export async function receive(
  request: Request,
  route: CallRoute,
  query: string,
  id: string,
  options: ReceiveOptions,
): Promise<Parsed<Received>> {
  const dialect = findDialect(route.dialect)
  if (dialect === undefined)
    return failed(createFault('internal', `The dialect ${route.dialect} is not there.`))
  const credential = readCredential(request.headers, query)
  if (!credential.ok) return credential
  // A stranger's body is not worth reading; `authenticate` still asks for every way in.
  const identified = options.identify(credential.value)
  const known = identified instanceof Promise ? await identified : identified
  if (!known.ok) return known
  const headers = readHeaders(request.headers, options)
  if (!headers.ok) return headers
  const bytes = await readBody(request, options.maxBody, options.ambient)
  if (!bytes.ok) return bytes
  const parsed = parseJson(bytes.value)
  if (!parsed.ok) {
    const code = parsed.problem === 'too-large' ? 'request_too_large' : 'invalid_request'
    return failed(createFault(code, `The request body could not be read: ${parsed.message}`))
  }
  const wire = parsed.value
  if (!isObject(wire))
    return failed(createFault('invalid_request', 'The request body has to be a JSON object.'))
  const model = readModel(route.named?.model ?? wire.model)
  if (!model.ok) return model
  const stream = route.named?.stream ?? wire.stream
  if (stream !== undefined && stream !== null && typeof stream !== 'boolean') {
    return failed(createFault('invalid_request', 'stream: expected true or false.', { param: 'stream' }))
  }
  return {
    ok: true,
    value: {
      id,
      operation: route.operation,
      dialect: route.dialect,
      model: model.value,
      stream: stream === true && route.operation === 'generate',
      ...(route.framing === undefined ? {} : { framing: route.framing }),
      body: Payload.received(codecOf(dialect, route), bytes.value, wire),
      headers: headers.value,
      credential: credential.value,
      needs: { usage: true, observe: false, edit: false },
      priority: 'interactive',
      owner: request.signal,
      receivedAt: options.ambient.now(),
      journal: createJournal(),
    },
  }
}

/** Characters of the longest model name; calls are remembered with theirs. */
const longestModel = 1000

/** A name that a model may have, whichever models there are: it goes into headers, logs and paths. */
function readModel(value: JsonValue | undefined): Parsed<string> {
  const refused = (message: string) => failed(createFault('invalid_request', message, { param: 'model' }))
  if (value === undefined) return refused('You must provide a model parameter.')
  if (typeof value !== 'string' || value === '') return refused('model: expected a non-empty string.')
  if (value.length > longestModel) return refused(`model: longer than ${longestModel} characters.`)
  if (/\p{Cc}/u.test(value)) return refused('model: control characters are not allowed in a name.')
  return { ok: true, value }
}

const failed = (fault: Fault): { readonly ok: false; readonly fault: Fault } => ({ ok: false, fault })

type AnyCodec = PayloadCodec<Operations[Operation]['request']>

const codecsByDialect = new Map<Dialect, { readonly [O in Operation]: AnyCodec }>()

/** The codecs of a dialect's operations, made once. */
function codecs(dialect: Dialect): { readonly [O in Operation]: AnyCodec } {
  let made = codecsByDialect.get(dialect)
  if (made === undefined) {
    const missing = failed(createFault('unsupported_operation', `${dialect.id} has no such operation.`))
    made = {
      generate: codec(dialect, dialect.decodeRequest, dialect.encodeRequest),
      embed: codec(
        dialect,
        dialect.embed?.decodeRequest ?? (() => missing),
        dialect.embed?.encodeRequest ?? nothing,
      ),
      count: codec(
        dialect,
        dialect.count?.decodeRequest ?? (() => missing),
        dialect.count?.encodeRequest ?? nothing,
      ),
      compact: codec(
        dialect,
        dialect.compact?.decodeRequest ?? (() => missing),
        dialect.compact?.encodeRequest ?? nothing,
      ),
    }
    codecsByDialect.set(dialect, made)
  }
  return made
}

/** The codec of a route; what its path names is read as if the body had said it. */
function codecOf(dialect: Dialect, { operation, named }: CallRoute): AnyCodec {
  const codec = codecs(dialect)[operation]
  return named === undefined ? codec : { ...codec, decode: wire => codec.decode({ ...wire, ...named }) }
}

const nothing = () => ({ value: {}, notes: [] })

/** A payload's codec forgets which operation it serves; the call's `operation` remembers it. */
function codec<T extends Operations[Operation]['request']>(
  dialect: Dialect,
  decode: PayloadCodec<T>['decode'],
  encode: PayloadCodec<T>['encode'],
): AnyCodec {
  return { dialect: dialect.id, decode, encode: encode as AnyCodec['encode'] } // only ever given what `decode` made
}

const hopsOf = (headers: Headers): readonly string[] => headers.get('dragoman-hops')?.split(',') ?? []

/** The fault of a call, or a question for models, that passed this gateway before or too many of them. */
export function findLoop(hops: readonly string[] | Headers, instance: string): Fault | undefined {
  const passed = hops instanceof Headers ? hopsOf(hops) : hops
  if (!passed.includes(instance) && passed.length < mostHops) return undefined
  const message =
    'This call came back to a gateway it had passed: a provider’s base URL points at the gateway itself.'
  return createFault('loop_detected', message)
}

const policies: readonly string[] = ['reject', 'drop', 'emulate'] satisfies readonly UnsupportedPolicy[]
const modes: readonly string[] = ['relay', 'patch', 'translate']

function readHeaders(headers: Headers, options: ReceiveOptions): Parsed<CallerHeaders> {
  const policy = headers.get('dragoman-policy')
  if (policy !== null && !policies.includes(policy)) {
    const message = `dragoman-policy has to be one of ${policies.join(', ')}.`
    return failed(createFault('invalid_request', message, { param: 'dragoman-policy' }))
  }
  const hops = hopsOf(headers)
  const loop = findLoop(hops, options.instance)
  if (loop !== undefined) return failed(loop)
  const mode = options.trustModeHeader ? headers.get('dragoman-mode') : null
  const revision = headers.get('anthropic-version')
  return {
    ok: true,
    value: {
      betas: readBetas(headers),
      explain: headers.get('dragoman-explain') === '1',
      hops,
      ...(policy === null ? {} : { policy: policy as UnsupportedPolicy }), // checked against the list above
      ...(revision === null ? {} : { revision }),
      ...(mode !== null && modes.includes(mode) ? { mode: mode as NonNullable<CallerHeaders['mode']> } : {}), // as above
    },
  }
}

function readBetas(headers: Headers): { readonly [header: string]: string } {
  const betas: { [header: string]: string } = {}
  for (const name of ['anthropic-beta', 'openai-beta']) {
    const value = headers.get(name)
    if (value !== null) betas[name] = value
  }
  return betas
}
