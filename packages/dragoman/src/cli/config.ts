import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { discoverEnvironment } from '../config/discover.ts'
import { configJsonSchema } from '../config/json-schema.ts'
import { kinds } from '../providers/catalog.ts'
import { CommandError, exitCodes } from './exit.ts'
import { configFailure } from './listing.ts'
import { findConfigFile, readConfig, readConfigText, usualConfigFile } from './settings.ts'
import { print, printJson } from './terminal.ts'

interface ValidateOptions {
  readonly env: boolean
  readonly json?: boolean
}

export async function validateConfig(argument: string | undefined, options: ValidateOptions): Promise<void> {
  if (argument === undefined && !existsSync(usualConfigFile)) {
    throw new CommandError(
      `There is no ${usualConfigFile} here. Name the file: dragoman config validate FILE`,
      exitCodes.config,
    )
  }
  const file = findConfigFile(argument === undefined ? undefined : resolve(argument))
  const found = options.env ? discoverEnvironment(process.env, kinds).providers : []
  const result = await readConfig(readConfigText(file), file, found)
  if (options.json) {
    printJson({ ok: result.ok, file, problems: result.ok ? [] : result.problems })
    if (!result.ok) process.exitCode = exitCodes.config
    return
  }
  if (!result.ok) throw configFailure(result.problems, file)
  const { providers, models } = result.config
  print(
    `${file} is good: ${Object.keys(providers).length} providers, ${Object.keys(models).length} names of models.`,
  )
}

export async function printSchema(): Promise<void> {
  printJson(configJsonSchema())
}
