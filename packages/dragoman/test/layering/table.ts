import type { ImportTable, NameException, Refinement } from './rules.ts'

/** DESIGN, section 3: who may import whom. Imports inside a unit are its own business. */
export const importTable: ImportTable = {
  wire: [],
  ir: [],
  'dialects/*': ['wire', 'ir', 'core/dialect.ts', 'core/note-format.ts'],
  dialects: ['dialects/*', 'ir', 'core/dialect.ts'],
  core: ['ir', 'wire'],
  providers: ['core', 'ir'],
  upstream: ['core', 'ir', 'wire', 'dialects/registry.ts', 'providers', 'custody'],
  custody: ['core', 'ir'],
  layers: ['core', 'ir', 'providers/provider.ts', 'providers/profile.ts', 'upstream', 'tokens', 'prices'],
  tokens: ['ir'],
  validation: ['core', 'ir'],
  translation: ['core', 'ir', 'providers'],
  prices: ['ir'],
  resources: ['core', 'ir', 'edge', 'stores'],
  edge: ['core', 'ir', 'wire', 'dialects/registry.ts'],
  stores: ['core', 'ir'],
  telemetry: ['core', 'ir'],
  config: ['core', 'ir', 'providers'],
  'policy-order.ts': ['core', 'layers', 'upstream'],
  'snapshot.ts': everythingBelow(),
  'explain.ts': everythingBelow(),
  'embedded.ts': everythingBelow(),
  'pages.ts': everythingBelow(),
  'state.ts': everythingBelow(),
  'gateway.ts': everythingBelow(),
  'index.ts': everythingBelow(),
  server: ['gateway.ts'],
  cli: ['gateway.ts'],
}

/** The gateway's own files stand on everything but the hosts. */
function everythingBelow(): readonly string[] {
  const folders = ['wire', 'ir', 'core', 'providers', 'upstream', 'custody', 'layers', 'tokens', 'prices']
  const higher = ['resources', 'edge', 'stores', 'telemetry', 'config', 'validation', 'translation']
  const files = [
    'policy-order.ts',
    'snapshot.ts',
    'explain.ts',
    'embedded.ts',
    'pages.ts',
    'state.ts',
    'gateway.ts',
  ]
  return [...folders, ...higher, ...files, 'dialects/registry.ts']
}

/** What the code needs beyond the design's table. */
export const refinements: readonly Refinement[] = [
  {
    from: 'dialects',
    to: 'core/quirk.ts',
    because: 'the registry also lists the quirks of each dialect, which providers name by id',
  },
  {
    from: 'resources',
    to: 'wire/json.ts',
    because: 'stored items are objects of the wire, and bodies are read with the limits of any other',
  },
  ...['held-id', 'wrap', 'ask-held'].map(name => ({
    from: 'resources',
    to: `upstream/held/${name}.ts`,
    because: 'what an upstream keeps itself is asked for there, and is a resource of the caller all the same',
  })),
  {
    from: 'dialects/*',
    to: 'core/quirk.ts',
    because:
      'a quirk is a deviation of a dialect and lives beside it; its contract is core’s, like the dialect’s',
  },
  ...['core/envelope.ts', 'core/envelope-read.ts'].map(to => ({
    from: 'dialects/*',
    to,
    because: 'two wires share one error envelope, and no dialect may import the other',
  })),
  ...[
    'fields',
    'frame',
    'notes',
    'reading',
    'thinking',
    'tool-input',
    'unsupported',
    'values',
    'verbatim',
  ].map(name => ({
    from: 'dialects/*',
    to: `core/codec/${name}.ts`,
    because: 'what every codec is made of has one home, below them all',
  })),
  {
    from: 'upstream',
    to: 'tokens',
    because: 'token ids are decoded, and tokens counted, for targets that can do neither',
  },
  { from: 'server', to: 'core', because: 'it fills ports: the dialer, the log' },
  {
    from: 'server',
    to: 'config/loopback.ts',
    because: 'what counts as a local address is one rule for the dialer and for the configuration',
  },
  { from: 'cli', to: 'server', because: 'serve and sandbox start it; nobody else may' },
  { from: 'cli', to: 'config', because: 'it loads, watches, checks and prints the configuration' },
  { from: 'cli', to: 'stores', because: 'it manages keys, and hands the stores to the gateway as ports' },
  { from: 'cli', to: 'core', because: 'it fills ports: clock, log, keys' },
  { from: 'cli', to: 'providers', because: 'it lists the kinds, and looks for them in the surroundings' },
  { from: 'cli', to: '../package.json', because: 'the version stands there' },
]

/** Law 13. */
export const neutralUnits = [
  'wire',
  'ir',
  'dialects',
  'core',
  'layers',
  'edge',
  'upstream',
  'custody',
] as const

/** Upstreams that are no kind of this version, so that they do not slip into code before they are data. */
export const otherProviders = ['alibaba', 'azure', 'bedrock', 'cohere']

/** Kinds whose names are also words of this project. */
export const commonWords = ['sandbox', 'dragoman', 'together']

/** Names on the wire that contain a provider's name: they are the protocol, whoever speaks it. */
export const wireWords = [
  'openai-chat',
  'openaiChat',
  'openai-responses',
  'openaiResponses',
  'openai-completions',
  'openaiCompletions',
  'anthropic-messages',
  'anthropicMessages',
  'bedrock-converse',
  'bedrockConverse',
  "'cohere'",
  'anthropic-version',
  'anthropic-beta',
  'openai-beta',
  'type.googleapis.com/google.rpc',
]

/** Places that name a maker without deciding anything by it. */
export const nameExceptions: readonly NameException[] = [
  {
    path: 'dialects/cohere',
    names: ['cohere'],
    because: 'inside a dialect its own name says which words belong to the wire',
  },
  {
    path: 'dialects/registry.ts',
    names: ['cohere'],
    because: 'the dialect bears the name of its maker',
  },
  {
    path: 'upstream/adapt/limits.ts',
    names: ['cohere'],
    because: 'the dialect bears the name of its maker, and a key needs no quotes',
  },
  {
    path: 'upstream/media/forms.ts',
    names: ['cohere'],
    because: 'as above',
  },
  {
    path: 'translation/',
    names: ['cohere'],
    because: 'the dialect bears the name of its maker',
  },
  {
    path: 'ir/foreign.ts',
    names: ['cohere'],
    because: 'the dialect bears the name of its maker, and a key needs no quotes',
  },
  {
    path: 'edge/models.ts',
    names: ['openai', 'anthropic'],
    because: 'a list of models has one form in each dialect, named after it',
  },
  {
    path: 'upstream/adapt/limits.ts',
    names: ['openai'],
    because: 'two dialects share one row of limits on tool names and ids',
  },
  {
    path: 'pages.ts',
    names: ['openai', 'anthropic'],
    because: 'the welcome text says which wires are spoken at which paths',
  },
  {
    path: 'config/schema.ts',
    names: ['groq'],
    because: 'an example in a description',
  },
  {
    path: 'cli/greeting.ts',
    names: ['openai', 'anthropic', 'google'],
    because: 'the environment variables that the SDKs of callers read',
  },
  {
    path: 'cli/program.ts',
    names: ['openai', 'anthropic'],
    because: 'the description says which wires are spoken',
  },
]

/** Files over the limit that are one table of data, or generated. */
export const longFiles: readonly string[] = []
