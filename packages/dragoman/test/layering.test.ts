import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import {
  checkFileNames,
  checkImports,
  checkLengths,
  checkNames,
  checkNeutrality,
  checkTypes,
  isRuntimeModule,
} from './layering/rules.ts'
import { importsOf, parseSource, readSources, sourceRoot } from './layering/source.ts'
import {
  commonWords,
  importTable,
  longFiles,
  nameExceptions,
  neutralUnits,
  otherProviders,
  refinements,
  wireWords,
} from './layering/table.ts'

const sources = readSources()

describe('the source', () => {
  test('imports only what the design allows', () => {
    expect(sources.length).toBeGreaterThan(50)
    expect(checkImports(sources, importTable, refinements)).toEqual([])
  })

  test('is started by hosts that nothing else knows', () => {
    const rows = [
      ...Object.entries(importTable).flatMap(([from, row]) => row.map(to => ({ from, to }))),
      ...refinements,
    ]
    const knowing = rows.filter(({ to }) => /^(server|cli)(\/|$)/.test(to)).map(({ from }) => from)
    expect(knowing).toEqual(['cli'])
  })

  test('is neutral below the hosts (law 13)', () => {
    expect(checkNeutrality(sources, neutralUnits)).toEqual([])
  })

  test('names no provider outside providers/ (law 9)', async () => {
    const { kinds } = await import('../src/providers/catalog.ts')
    const names = [...new Set([...Object.keys(kinds), ...otherProviders])]
    expect(Object.keys(kinds).length).toBeGreaterThan(3)
    const wanted = names.filter(name => !commonWords.includes(name))
    expect(checkNames(sources, wanted, wireWords, nameExceptions)).toEqual([])
  })

  test('has no any, and a reason beside each as', () => {
    expect(checkTypes(sources)).toEqual([])
  })

  test('has no long files', () => {
    expect(checkLengths(sources, 400, longFiles)).toEqual([])
  })

  test('has no drawer for odds and ends', () => {
    expect(checkFileNames(sources.map(({ path }) => path))).toEqual([])
  })

  test.skipIf(!existsSync(`${sourceRoot}index.ts`))(
    'bundles for a runtime that is neither Node nor Bun',
    async () => {
      const needed: string[] = []
      const built = await Bun.build({
        entrypoints: [`${sourceRoot}index.ts`],
        target: 'browser',
        throw: false,
        plugins: [
          {
            name: 'note runtime modules',
            setup(build) {
              build.onResolve({ filter: /^[a-z]/ }, ({ path, importer }) => {
                if (!isRuntimeModule(path)) return undefined
                needed.push(`${path} <- ${importer}`)
                return { path, external: true }
              })
            },
          },
        ],
      })
      expect(built.logs.map(String)).toEqual([])
      expect(needed).toEqual([])
      expect(built.success).toBe(true)
    },
  )
})

describe('the rules can fail', () => {
  const source = (path: string, text: string) => parseSource(path, text)

  test('on an import that the table does not allow, of a value or of a type', () => {
    const table = { wire: [], ir: [], 'dialects/*': ['ir', 'core/dialect.ts'], core: ['ir'] }
    const bad = [
      source('wire/a.ts', "import type { B } from '../ir/b.ts'\n"),
      source('dialects/x/a.ts', "import { b } from '../y/b.ts'\nimport { c } from '../../core/call.ts'\n"),
      source('core/a.ts', "export { b } from '../wire/b.ts'\nconst c = await import('../server/c.ts')\n"),
      source('odd/a.ts', ''),
    ]
    expect(checkImports(bad, table)).toEqual([
      'wire/a.ts:1: wire may not import ir/b.ts',
      'dialects/x/a.ts:1: dialects/x may not import dialects/y/b.ts',
      'dialects/x/a.ts:2: dialects/x may not import core/call.ts',
      'core/a.ts:1: core may not import wire/b.ts',
      'core/a.ts:2: core may not import server/c.ts',
      'odd/a.ts: odd has no row in the table',
    ])
    const good = [
      source('dialects/x/a.ts', "import './b.ts'\nimport { c } from '../../core/dialect.ts'\nimport 'zod'\n"),
      source('core/a.ts', "// import '../server/c.ts'\nconst text = \"import '../server/c.ts'\"\n"),
    ]
    expect(checkImports(good, table)).toEqual([])
  })

  test('on a refinement that allows nothing any more', () => {
    const refinement = { from: 'wire', to: 'ir', because: 'of a test' }
    const needing = source('wire/a.ts', "import '../ir/b.ts'\n")
    expect(checkImports([needing], { wire: [] }, [refinement])).toEqual([])
    expect(checkImports([], { wire: [] }, [refinement])).toEqual(['nothing needs the refinement wire -> ir'])
  })

  test('on what belongs to one runtime', () => {
    const bad = [
      source('wire/a.ts', "import { readFileSync } from 'node:fs'\nimport fs from 'fs'\nimport 'left-pad'\n"),
      source('core/b.ts', "const key = process.env.KEY\nBun.serve({})\nconst pad = require('pad')\n"),
    ]
    expect(checkNeutrality(bad, ['wire', 'core'])).toEqual([
      'wire/a.ts:1: node:fs is not neutral',
      'wire/a.ts:2: fs is not neutral',
      'wire/a.ts:3: left-pad is not neutral',
      'core/b.ts:1: process. belongs to one runtime',
      'core/b.ts:2: Bun. belongs to one runtime',
      'core/b.ts:3: require( belongs to one runtime',
    ])
    const good = source('core/c.ts', "// Bun.serve\nthis.process(item)\nconst text = 'process.env'\n")
    expect(checkNeutrality([good, source('stores/d.ts', "import 'node:fs'\n")], ['core'])).toEqual([])
    expect(['node:fs', 'fs', 'bun', 'bun:sqlite', 'fs/promises'].every(isRuntimeModule)).toBe(true)
    expect(['zod', './fs.ts', 'bunyan', '@dragoman/sandbox'].some(isRuntimeModule)).toBe(false)
  })

  test('on a provider’s name in code, wherever it hides', () => {
    const bad = source(
      'layers/a.ts',
      `// acme is fine here\nif (provider === 'acme') return\nconst isAcmeHost = 'acme/acme#1'\nconst z = \`\${'acme-chat'} xo\`\n`,
    )
    expect(checkNames([bad], ['acme!', 'acmex', 'xo', 'isacm'], ['acme-chat'])).toEqual([
      'layers/a.ts:3: isacm',
      'layers/a.ts:4: xo',
    ])
    expect(checkNames([bad], ['acmeh', 'acme'], ['acme-chat'])).toEqual([
      'layers/a.ts:2: acme',
      'layers/a.ts:3: acmeh',
    ])
    const exception = { path: 'layers/', names: ['acme'], because: 'of a test' }
    expect(checkNames([bad], ['acme'], ['acme-chat'], [exception])).toEqual([])
    expect(checkNames([source('providers/acme.ts', "'acme'")], ['acme'], [], [exception])).toEqual([
      'nothing needs the exception for layers/',
    ])
  })

  test('on any, and on as without a reason', () => {
    const bad = source(
      'core/a.ts',
      [
        'const a: any = 1',
        'const b = a as string',
        'const c: Map<string, any> = new Map()',
        'const d = (x: any[]) => x as unknown as { y: 1 }',
      ].join('\n'),
    )
    expect(checkTypes([bad])).toEqual([
      'core/a.ts:1: any',
      'core/a.ts:2: as without a reason',
      'core/a.ts:3: any',
      'core/a.ts:4: any',
      'core/a.ts:4: as without a reason',
    ])
    const good = source(
      'core/b.ts',
      [
        "import { a as b, type C as D } from './c.ts'",
        "import * as all from './c.ts'",
        'export { b as e }',
        "const f = ['x'] as const",
        'const g = b as D // it was checked',
        '',
        '// it was checked',
        'const h = b as D',
        "const i = 'known as any' // any as such",
        `type J<T> = { [K in keyof T as \`x\${K}\`]: T[K] }`,
        'const k = { any: 1, tool: l.any }',
      ].join('\n'),
    )
    expect(checkTypes([good])).toEqual([])
  })

  test('on long files, needless exemptions and drawers', () => {
    const long = source('core/long.ts', `${'\n'.repeat(10)}x`)
    expect(checkLengths([long], 10, [])).toEqual(['core/long.ts: 11 lines'])
    expect(checkLengths([long], 10, ['core/long.ts'])).toEqual([])
    expect(checkLengths([long], 11, ['core/long.ts'])).toEqual(['core/long.ts needs no exemption'])
    expect(
      checkFileNames(['core/utils.ts', 'helpers/a.ts', 'edge/common.ts', 'edge/commonwealth.ts']),
    ).toEqual(['core/utils.ts', 'helpers/a.ts', 'edge/common.ts'])
  })

  test('and the reader knows code from comment from text', () => {
    const text = [
      "const a = 'it\\'s // no comment' // one",
      `/* two */ const b = \`\${c /* three */ + \`\${"}"}\`} // text\` // four`,
      'const d = /[/"`]\\/\\*/.test(e) // five',
      'const f = g / h / i // six',
    ].join('\n')
    const { code, bare } = source('a.ts', text)
    const words = ['one', 'two', 'three', 'four', 'five', 'six']
    expect(words.filter(word => code.includes(word))).toEqual([])
    expect(code).toContain('// no comment')
    expect(code).toContain('// text`')
    expect(code).toContain('.test(e)')
    expect(code).toContain('g / h / i')
    expect(bare).not.toContain('no comment')
    expect(bare).not.toContain('text')
    expect(bare.split('\n').map(line => line.length)).toEqual(text.split('\n').map(line => line.length))
    const specifiers = importsOf(
      source('a.ts', "import a from './a.ts'\nexport * from \"./b.ts\"\nimport('./c.ts')\nimport './d.ts'\n"),
    )
    expect(specifiers.map(({ specifier, line }) => `${specifier}:${line}`)).toEqual([
      './a.ts:1',
      './b.ts:2',
      './c.ts:3',
      './d.ts:4',
    ])
  })
})
