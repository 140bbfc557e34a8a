import { existsSync, readFileSync } from 'node:fs'
import type { Gateway } from '../gateway.ts'
import { askGateway, fieldOf } from './ask.ts'
import { CommandError, exitCodes } from './exit.ts'
import { configFailure } from './listing.ts'
import { createOnlooker } from './onlooker.ts'
import { dataFolderOf, findConfigFile, localKeyOf, readConfig, readConfigText, reasonOf } from './settings.ts'
import { allFound, lookAround } from './surroundings.ts'
import { print, printable, printJson, type Style, styleFor } from './terminal.ts'

type Explanation = Awaited<ReturnType<Gateway['explain']>>
type Target = NonNullable<Explanation['targets']>[number]

export interface ExplainOptions {
  readonly path: string
  readonly config?: string
  readonly dataDir?: string
  readonly env: boolean
  readonly url: string
  readonly json?: boolean
}

/** Ids of requests are letters and digits; nearly every file name is not. A file of that name wins. */
const looksLikeId = (subject: string): boolean => /^[A-Za-z0-9]{12,64}$/.test(subject)

export async function explain(subject: string, options: ExplainOptions): Promise<void> {
  if (subject === '-' || existsSync(subject)) await explainFile(subject, options)
  else if (looksLikeId(subject)) await explainPast(subject, options)
  else throw new CommandError(`There is no file ${subject}, and it is no request's id.`, exitCodes.usage)
}

function readBody(subject: string): string {
  try {
    return readFileSync(subject === '-' ? 0 : subject, 'utf8')
  } catch (error) {
    throw new CommandError(`${subject} cannot be read (${reasonOf(error)}).`, exitCodes.usage)
  }
}

/** What would happen. Nothing is sent, but providers may be asked for their models to find out whose a bare name is. */
async function explainFile(subject: string, options: ExplainOptions): Promise<void> {
  const body = readBody(subject)
  const file = findConfigFile(options.config)
  const loaded = await readConfig(readConfigText(file), file, allFound(await lookAround(options.env)))
  if (!loaded.ok) throw configFailure(loaded.problems, file)
  const path = options.path.startsWith('/') ? options.path : `/${options.path}`
  const request = new Request(`http://localhost${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  await using gateway = createOnlooker(loaded.input)
  const explanation = await gateway.explain(request)
  if (options.json) printJson(explanation)
  else for (const line of writeExplanation(explanation, styleFor(process.stdout))) print(line)
  if (!explanation.ok) process.exitCode = exitCodes.failed
}

export function writeExplanation(explanation: Explanation, style: Style): readonly string[] {
  const { fault, dialect, operation, model, route, targets = [] } = explanation
  const lines: string[] = []
  if (dialect !== undefined) {
    const by = route === undefined || route === model ? '' : `, by the route ${style.bold(printable(route))}`
    lines.push(`${operation} in ${dialect}, model ${style.bold(printable(model ?? ''))}${by}`)
  }
  if (fault !== undefined)
    lines.push(`${style.bad('refused')} ${fault.status} ${fault.code}: ${printable(fault.message)}`)
  for (const [index, target] of targets.entries()) lines.push('', ...writeTarget(target, index + 1, style))
  return lines
}

function writeTarget(target: Target, position: number, style: Style): readonly string[] {
  const { mode, reason, url, adaptations = [], quirks = [], notes = [], fault, body } = target
  const lines = [`${position}. ${style.bold(printable(target.target))}`]
  if (fault !== undefined) lines.push(`   ${style.bad('refuses')} ${fault.code}: ${printable(fault.message)}`)
  if (mode !== undefined) lines.push(`   ${mode}: ${reason ?? ''}`)
  if (url !== undefined) lines.push(`   POST ${url}`)
  if (adaptations.length > 0) lines.push(`   emulated: ${adaptations.join(', ')}`)
  if (quirks.length > 0) lines.push(`   quirks: ${quirks.join(', ')}`)
  for (const note of notes)
    lines.push(`   ${style.warn(note.kind)} ${printable(note.path)}: ${printable(note.reason)}`)
  if (body !== undefined) {
    lines.push('   would send:')
    lines.push(
      ...JSON.stringify(body, null, 2)
        .split('\n')
        .map(line => style.dim(`     ${printable(line)}`)),
    )
  }
  return lines
}

/** What happened, as the running gateway remembers it. */
async function explainPast(id: string, options: ExplainOptions): Promise<void> {
  const key = localKeyOf(dataFolderOf(options.dataDir))
  const { status, json } = await askGateway(options.url, `/dragoman/requests/${id}`, key)
  if (status === 200) {
    printJson(json)
    return
  }
  const message = fieldOf(fieldOf(json, 'error'), 'message')
  throw new CommandError(typeof message === 'string' ? message : `The gateway answered ${status}.`)
}
