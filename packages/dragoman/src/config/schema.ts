import { z } from 'zod'
import {
  durationPattern,
  parseDuration,
  parseRetention,
  parseSize,
  retentionPattern,
  sizePattern,
  writeDuration,
} from './units.ts'

export type { Config } from './config.ts'
export type { ConfigProblem } from './problem.ts'

/** A duration as text, in milliseconds once read. */
const duration = (least: number, most: number) =>
  z
    .string()
    .regex(durationPattern, 'is not a duration: write a number and a unit (ms, s, m, h), such as 30s')
    .transform((text, context) => {
      const value = parseDuration(text) ?? 0
      if (value >= least && value <= most) return value
      context.addIssue({
        code: 'custom',
        message: `has to be between ${writeDuration(least)} and ${writeDuration(most)}`,
      })
      return z.NEVER
    })

const hour = 3_600_000

const size = z
  .string()
  .regex(sizePattern, 'is not a size: write a number and a unit (b, kb, mb, gb), such as 32mb')
  .transform((text, context) => {
    const value = parseSize(text) ?? 0
    if (value >= 1024 && value <= 1024 ** 3) return value
    context.addIssue({ code: 'custom', message: 'has to be between 1kb and 1gb' })
    return z.NEVER
  })

/** The limits come before the check for whole numbers, which has limits of its own that would be told instead. */
const wholeNumber = (least: number, most: number) => z.number().min(least).max(most).int()

const policy = z.enum(['emulate', 'drop', 'reject'])

const server = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe(
      'The address to listen on. The default is reachable from this machine only; anything else needs keys (`auth.required`).',
    ),
  port: wholeNumber(0, 65535).default(4343).describe('The port to listen on; 0 takes any free one.'),
  max_body: size
    .prefault('32mb')
    .describe('The largest request body. A larger one is refused with 413 before it is read to its end.'),
  keep_alive: duration(1000, 60_000)
    .prefault('15s')
    .describe(
      'How often a stream that has nothing to say sends a keep-alive, so that nothing on the way closes it.',
    ),
  status_after: duration(0, hour)
    .prefault('10s')
    .describe(
      'How long the status of a stream is held back while no target has answered, so that a failure can still be an HTTP error. After it, 200 goes out with keep-alives, and a failure becomes an error inside the stream.',
    ),
  drain: duration(0, hour)
    .prefault('120s')
    .describe(
      'How long calls that are running may go on after SIGTERM; the ones left then end with an error.',
    ),
})

const provider = z.strictObject({
  kind: z
    .string()
    .optional()
    .describe('What it is: a kind of the catalogue. Absent: the name of this entry, when that is a kind.'),
  base_url: z
    .string()
    .optional()
    .describe(
      'Where it is, as an SDK takes it: `http://gpu-box:8000/v1`. Absent: the place the kind is known to be. Without a path, the usual path of the kind is added.',
    ),
  api_key: z
    .string()
    .min(1)
    .optional()
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are what to write
    .describe('The key to send. Write "${ENV}" or "${file:PATH}" so that the file itself holds no secret.'),
  region: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'is not a region: write one such as us-east-1')
    .optional()
    .describe('Where it is, for kinds that are in many regions.'),
  resource: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i,
      'is not the name of a resource: write my-resource, or the whole address as base_url',
    )
    .optional()
    .describe('The name of your resource, for kinds that have a host for each; instead of `base_url`.'),
  project: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.:-]*$/, 'is not the id of a project: write one such as my-project')
    .optional()
    .describe('The id of the project that calls are made in, for kinds that have projects.'),
  location: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'is not a location: write global, or one such as europe-west4')
    .optional()
    .describe('Where the models run, for kinds that have projects.'),
  api_version: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/, 'is not a version: write one such as 2024-10-21')
    .optional()
    .describe(
      'A version of the API by its date, for kinds that have such. Absent: the API without versions, which is the newer one.',
    ),
  access_key_id: z
    .string()
    .min(1)
    .optional()
    .describe('The key id of an account, for kinds that sign requests; instead of `api_key`.'),
  secret_access_key: z.string().min(1).optional().describe('The secret that goes with `access_key_id`.'),
  session_token: z
    .string()
    .min(1)
    .optional()
    .describe('The token that comes with a temporary `access_key_id`.'),
  headers: z
    .record(z.string(), z.string())
    .optional()
    .describe('Headers to send with every request to this provider, such as an organisation.'),
})

const target = z.strictObject({
  provider: z.string().min(1).describe('The name of an entry under `providers`.'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe("The provider's name for the model. Absent: the name the caller wrote, as it is."),
  like: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The model that this one is, where its own name does not tell (a deployment, an inference profile), as the provider writes it. What the gateway knows of that model holds for this one.',
    ),
  tokenizer: z
    .enum(['o200k_base', 'cl100k_base'])
    .optional()
    .describe(
      'The tokenizer of embeddings input that callers send as token ids (the default of LangChain), for providers that take only text: the ids are turned back into text.',
    ),
  state: z
    .enum(['gateway', 'upstream'])
    .optional()
    .describe(
      'Who keeps Responses. `gateway` (the default): this gateway, whatever the provider can do. `upstream`: the provider itself, whose response ids are wrapped; all targets of the entry have to say so.',
    ),
})

const connect = duration(10, hour).describe('How long a connection to the provider may take.')
const firstToken = duration(10, hour).describe(
  'How long the first content of a stream may take, counted from sending.',
)
const idle = duration(10, hour).describe('How long a stream may be silent between two reads.')
const total = duration(10, 24 * hour).describe('How long the whole call may take, every attempt included.')

const timeouts = z.strictObject({
  connect: connect.prefault('5s'),
  first_token: firstToken.prefault('60s'),
  idle: idle.prefault('60s'),
  total: total.prefault('10m'),
})

const routeTimeouts = z.strictObject({
  connect: connect.optional(),
  first_token: firstToken.optional(),
  idle: idle.optional(),
  total: total.optional(),
})

const unsupported = z
  .object({
    default: policy
      .optional()
      .describe(
        'For every field without an entry of its own. `emulate` (the default) does it another way where that is honest, drops mere hints with a note, and refuses the rest; `drop` drops with a note; `reject` refuses.',
      ),
  })
  .catchall(policy)

/** Strategies that DESIGN names and a later version brings. */
export const laterStrategies = ['weighted', 'latency', 'cost', 'least-busy'] as const

const route = z.strictObject({
  strategy: z
    .literal('ordered')
    .default('ordered')
    .describe(
      'How a target is chosen. `ordered`: the first, and the next one when it fails before any content.',
    ),
  targets: z.array(target).min(1).describe('Where the call goes, in the order to try.'),
  timeouts: routeTimeouts.optional().describe('Timeouts of this route, laid over the general ones.'),
  unsupported: unsupported.optional().describe('Policies of this route, laid over the general ones.'),
})

/** Version 1 of the configuration: what may be written. `resolveConfig` says what it means. */
export const configSchema = z
  .strictObject({
    version: z
      .literal(1)
      .optional()
      .describe('The version of this format. A file should say it; in a library call it may be left out.'),
    server: server.prefault({}).describe('The HTTP server.'),
    providers: z
      .record(z.string(), provider)
      .default({})
      .describe(
        'Upstreams by name. The name is what model names start with (`lab/qwen3`), and the kind too unless `kind` says otherwise.',
      ),
    models: z
      .record(z.string(), z.union([z.string().min(1), route]))
      .prefault({})
      .describe(
        'Names that callers may use, exact or with `*` for any run of characters. Exact names win, then the first pattern that matches. A text is short for one target (`groq/llama-3.3-70b`) or names another entry.',
      ),
    timeouts: timeouts.prefault({}).describe('How long to wait for providers.'),
    unsupported: unsupported
      .prefault({})
      .describe(
        'What to do with a parameter that the chosen target does not have, by the field as the caller names it.',
      ),
    structured_stream: z
      .enum(['buffer', 'live'])
      .default('buffer')
      .describe(
        'How a stream is sent whose structure is emulated. `buffer`: after it was validated, with keep-alives meanwhile; `live`: as it comes, unvalidated.',
      ),
    retry: z
      .strictObject({
        attempts: wholeNumber(0, 10)
          .default(2)
          .describe('Attempts on the same target after the first failed in a way that may pass.'),
        max_wait: duration(0, hour)
          .prefault('10s')
          .describe(
            'The longest wait before another attempt; an upstream that asks for more is not waited for.',
          ),
      })
      .prefault({})
      .describe('Trying the same target again.'),
    auth: z
      .strictObject({
        required: z
          .boolean()
          .default(true)
          .describe('Callers have to present a key. `false` is possible on loopback addresses only.'),
      })
      .prefault({})
      .describe('Who may call. A library call has no keys unless it passes its own verifier.'),
    sandbox: z
      .boolean()
      .default(true)
      .describe(
        'The embedded engine, which is no AI: a model that always answers, for first steps and tests.',
      ),
    store: z
      .strictObject({
        url: z
          .string()
          .regex(
            /^(sqlite:.*|memory:)$/,
            'is not a store that this version has: write "sqlite:", "sqlite:PATH" or "memory:"',
          )
          .optional()
          .describe(
            'Where responses and conversations are kept. `sqlite:` is the file in the data folder (the default of a server), `sqlite:PATH` another one; `memory:` forgets them with the process (the default of a library call).',
          ),
        retention: z
          .string()
          .regex(
            retentionPattern,
            'is not a time to keep things: write a number and a unit (s, m, h, d), such as 30d, or "off"',
          )
          .transform(text => parseRetention(text) ?? 0)
          .prefault('30d')
          .describe(
            'How long a stored response is kept. `off`: none is stored, whatever its caller asks for. Conversations stay until they are deleted.',
          ),
      })
      .prefault({})
      .describe('Stored responses and conversations.'),
    media: z
      .strictObject({
        fetch: z
          .boolean()
          .optional()
          .describe(
            'Fetch pictures, documents and audio that callers give by a web address, for targets that take only bytes. Absent: yes, where the host can do it safely (the server can; a library call needs the port `media`). `false`: such calls are refused.',
          ),
        allow_http: z
          .boolean()
          .default(false)
          .describe('Fetch over plain HTTP, too. Otherwise only https addresses are fetched.'),
        allow_private: z
          .boolean()
          .default(false)
          .describe(
            'Fetch from this machine and from private networks, too: whoever may call can then read pictures there. The metadata services of clouds are never fetched from.',
          ),
        max_size: size.prefault('20mb').describe('The largest one that is fetched.'),
        max_total: size.prefault('50mb').describe('The most that is fetched for one call.'),
        timeout: duration(100, hour)
          .prefault('10s')
          .describe('How long one may take, its redirects included.'),
      })
      .prefault({})
      .describe('Fetching what callers give by its address. No credentials are sent.'),
    requests: z
      .strictObject({
        keep: wholeNumber(0, 100_000)
          .default(1000)
          .describe(
            'How many past calls `/dragoman/requests/{id}` can tell about; prompts and answers are not kept.',
          ),
      })
      .prefault({})
      .describe('The memory of past calls.'),
  })
  .describe('Configuration of Dragoman, version 1.')

/** A configuration as written, in a file or in code. */
export type ConfigInput = z.input<typeof configSchema>

/** A configuration that was read: defaults filled in, durations in milliseconds, sizes in bytes. */
export type ParsedConfig = z.output<typeof configSchema>
