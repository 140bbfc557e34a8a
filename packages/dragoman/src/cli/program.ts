import { Command, InvalidArgumentError, Option } from 'commander'
import { exitCodes } from './exit.ts'
import { version } from './version.ts'

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  if (port <= 65535) return port
  throw new InvalidArgumentError('A port is a number from 0 to 65535.')
}

const configOption = () =>
  new Option('-c, --config <file>', 'configuration (default: ./dragoman.yaml where it is there)')
const dataOption = () =>
  new Option('--data-dir <dir>', "keys and data (default: the platform's folder for a user's data)")
const noEnvOption = () => new Option('--no-env', 'take no provider from environment variables')
const jsonOption = () => new Option('--json', 'write JSON')
const hostOption = () => new Option('--host <host>', 'address to listen on (default: 127.0.0.1)')
const portOption = (usual: number) =>
  new Option('-p, --port <port>', `port to listen on; 0 takes a free one (default: ${usual})`).argParser(
    parsePort,
  )
const urlOption = () => new Option('--url <url>', 'the running gateway').default('http://127.0.0.1:4343')

const exits = `Exit codes:
  ${exitCodes.ok} done   ${exitCodes.failed} failed   ${exitCodes.usage} wrong usage   ${exitCodes.config} bad configuration   ${exitCodes.listen} no port   ${exitCodes.unreachable} gateway not reached

Environment:
  DRAGOMAN_KEY            the local key, instead of the one in the data folder
  DRAGOMAN_CUSTODY_KEYS   secrets for providers' opaque state, the newest first, instead of the data folder's
  NO_COLOR                no colours
`

/**
 * The commands, with what each does loaded only when it runs: `dragoman key` has no use for a gateway. Each action is
 * the one function of its file.
 */
export function createProgram(): Command {
  const program = new Command('dragoman')
    .description(
      'OpenAI, Responses and Anthropic wires in front of any model; tells what was lost in translation.',
    )
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help')
    .addHelpText('after', `\n${exits}`)

  program
    .command('serve', { isDefault: true })
    .description('run the gateway; what "dragoman" alone does')
    .addOption(configOption())
    .addOption(hostOption())
    .addOption(portOption(4343))
    .addOption(dataOption())
    .addOption(noEnvOption())
    .option('--log', 'write a line a request to standard error')
    .action(async options => (await import('./serve.ts')).serve(options))

  program
    .command('sandbox')
    .description('serve the built-in engine alone; it is not an AI')
    .addOption(hostOption())
    .addOption(portOption(4344))
    .action(async options => (await import('./sandbox.ts')).serveSandbox(options))

  program
    .command('probe')
    .description('find out what answers: keys in the environment, engines on this machine, or one address')
    .argument('[base-url]', 'an address to ask, such as http://127.0.0.1:8000/v1')
    .option('--key <key>', 'the key to ask it with')
    .addOption(noEnvOption())
    .addOption(jsonOption())
    .action(async (url, options) => (await import('./probe.ts')).probe(url, options))

  program
    .command('explain')
    .description('what would happen to a request, unsent; or what happened to a past one')
    .argument('<request>', 'a file with a request body, - for standard input, or the id of a past request')
    .option('--path <path>', 'the path it would be sent to', '/v1/chat/completions')
    .addOption(configOption())
    .addOption(dataOption())
    .addOption(noEnvOption())
    .addOption(urlOption())
    .addOption(jsonOption())
    .action(async (subject, options) => (await import('./explain.ts')).explain(subject, options))

  program
    .command('doctor')
    .description('check this machine and the configuration, with a fix for each problem')
    .addOption(configOption())
    .addOption(hostOption())
    .addOption(portOption(4343))
    .addOption(dataOption())
    .addOption(noEnvOption())
    .addOption(jsonOption())
    .action(async options => (await import('./doctor.ts')).doctor(options))

  program
    .command('key')
    .description('print the local key')
    .addOption(dataOption())
    .action(async options => (await import('./key.ts')).key(options))

  addKeys(program)
  addConfig(program)
  return program
}

function addKeys(program: Command): void {
  const keys = program.command('keys').description('keys for callers; each is shown once and stored hashed')
  keys
    .command('create')
    .description('make a key and print it, this once')
    .argument('<name>', 'what it is for')
    .option('--tenant <tenant>', 'whose it is; tenants see only their own requests', 'local')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./keys.ts')).createKey(name, options))
  keys
    .command('list')
    .description('list keys, without their secrets')
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(async options => (await import('./keys.ts')).listKeys(options))
  keys
    .command('revoke')
    .description('refuse a key from now on, within a second also in a running gateway')
    .argument('<id>', 'its id, as listed, or the key itself')
    .addOption(dataOption())
    .action(async (id, options) => (await import('./keys.ts')).revokeKey(id, options))
}

function addConfig(program: Command): void {
  const config = program.command('config').description('check a configuration, or print its schema')
  config
    .command('validate')
    .description('check a configuration and print every problem with its place and a fix')
    .argument('[file]', 'the file (default: ./dragoman.yaml)')
    .addOption(noEnvOption())
    .addOption(jsonOption())
    .action(async (file, options) => (await import('./config.ts')).validateConfig(file, options))
  config
    .command('schema')
    .description('print the JSON Schema of the configuration, for editors')
    .action(async () => (await import('./config.ts')).printSchema())
}
