import { expect, test } from 'bun:test'
import manifest from '../../package.json'
import * as library from '../../src/index.ts'
import { readSources } from '../layering/source.ts'

// What users may import. A change here is a change of the library's contract: say so in the commit.

test('the package offers these entries', () => {
  expect(manifest.exports).toEqual({ '.': './src/index.ts', './package.json': './package.json' })
  expect(manifest.bin).toEqual({ dragoman: './src/cli/main.ts' })
})

test('the library exports these values', () => {
  expect(Object.keys(library).toSorted()).toEqual(['ConfigError', 'createGateway'])
})

test('the library exports these names, types included', () => {
  const index = readSources().find(({ path }) => path === 'index.ts')
  const lists = [...(index?.code ?? '').matchAll(/^export (?:type )?\{([^}]*)\}/gm)]
  const names = lists.flatMap(([, list = '']) =>
    list.split(',').map(name => name.trim().replace(/^type /, '')),
  )
  expect(names.filter(name => name !== '').toSorted()).toEqual([
    'Ambient',
    'ConfigError',
    'ConfigInput',
    'ConfigProblem',
    'Dial',
    'Explanation',
    'FetchedMedia',
    'Gateway',
    'GatewayPorts',
    'KeyVerdict',
    'KeyVerifier',
    'Log',
    'MediaFetch',
    'MediaLimits',
    'MediaProblem',
    'Note',
    'NoteKind',
    'ReloadResult',
    'Transport',
    'createGateway',
  ])
  // Every export statement is one of these lists, so that none escapes the pin.
  expect([...(index?.bare ?? '').matchAll(/^export\b/gm)].length).toBe(lists.length)
})
