import { expect, test } from 'bun:test'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { createProgram } from '../../src/cli/program.ts'

const file = join(import.meta.dir, 'cli-help.txt')

/** The help of a command and of all below it, as wide as the paper it is read on. */
function helpOf(command: Command): readonly string[] {
  const name: string[] = []
  for (let current: Command | null = command; current !== null; current = current.parent)
    name.unshift(current.name())
  command.configureOutput({ getOutHelpWidth: () => 100, getErrHelpWidth: () => 100 })
  let text = ''
  command.configureOutput({
    writeOut: part => {
      text += part
    },
  })
  command.outputHelp()
  return [`$ ${name.join(' ')} --help\n\n${text}`, ...command.commands.flatMap(helpOf)]
}

// A change here is a change of what users type and scripts rely on. UPDATE_PINS=1 takes it.
test('the help of every command is the pinned one', () => {
  const help = helpOf(createProgram()).join('\n')
  if (process.env.UPDATE_PINS) writeFileSync(file, help)
  expect(help).toBe(readFileSync(file, 'utf8'))
})

test('every command and option says what it is for', () => {
  const silent: string[] = []
  const visit = (command: Command) => {
    if (command.description() === '') silent.push(command.name())
    for (const option of command.options)
      if (!option.description) silent.push(`${command.name()} ${option.flags}`)
    for (const below of command.commands) visit(below)
  }
  visit(createProgram())
  expect(silent).toEqual([])
})
