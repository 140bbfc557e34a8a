import { afterAll, describe, expect, test } from 'bun:test'
import { listWireFiles } from '@dragoman/fixtures'
import { type SeenRequest, startUpstream } from '../support/upstream.ts'
import {
  answerFileOf,
  answerOf,
  type CallerDialect,
  type Cell,
  cellsOf,
  type Exchange,
  nameOf,
  providers,
  requestNameOf,
  runCell,
  type Stage,
} from './matrix/cell.ts'
import { type Understood, understand } from './matrix/client.ts'
import { conversations } from './matrix/conversations.ts'
import { goldenOf, listGoldens } from './matrix/golden.ts'
import { problemsOf } from './matrix/oracle.ts'
import { transcribe } from './matrix/transcript.ts'

let current: { answer: () => Response; seen: SeenRequest[] } = { answer: () => new Response(), seen: [] }
const upstream = startUpstream(request => {
  current.seen.push(request)
  return current.answer()
})
afterAll(() => upstream.close())

const stage: Stage = {
  url: upstream.url,
  play(answer) {
    current = { answer, seen: [] }
    return current
  },
}

/** What the upstream got is a request that its provider takes, with the provider's key and not the caller's. */
function checkReceived({ caller, provider, mode }: Cell, { sent, received }: Exchange): void {
  for (const { json, headers } of received) {
    // A request of ours leaves no state upstream (card trap 15); a relayed one says what its caller said.
    if (provider === 'openai-responses' && mode !== 'relay') expect(json.store).toBe(false)
    // What a caller makes up goes to its own dialect as it is: the provider is the one to judge it.
    const own = caller === provider ? Object.keys(sent).map(name => `${name}: unknown field`) : []
    expect(problemsOf(provider, json as never).filter(problem => !own.includes(problem))).toEqual([]) // parsed JSON
    expect(JSON.stringify([...headers])).toContain('provider-secret')
    expect(JSON.stringify([...headers])).not.toContain('caller-secret')
  }
}

function checkUnderstood(cell: Cell, { received, got }: Exchange, understood: Understood): void {
  const expected = cell.conversation.expected(cell)
  if (expected.kind === 'answer') {
    const { usage, ...answer } = expected
    const isSilent =
      cell.caller === 'openai-chat' && cell.form === 'stream' && cell.conversation.withoutUsage === true
    expect(understood).toEqual(isSilent ? answer : expected)
    return
  }
  if (understood.kind !== 'error') throw new Error(`expected an error, got ${JSON.stringify(understood)}`)
  expect(understood.message).toContain(expected.sentence)
  if (expected.kind === 'error') {
    expect(understood.status).toBe(expected.status)
    return
  }
  expect(received).toEqual([])
  expect(understood.status).toBe(400)
  expect(refusalOf(cell.caller, JSON.parse(got.body).error)).toEqual({
    code: expected.code,
    param: expected.param,
  })
}

/** What was refused, and where: each wire has its own place for both. */
function refusalOf(
  caller: CallerDialect,
  error: object,
): { readonly code: unknown; readonly param: unknown } {
  const { code, param, details } = error as { code: unknown; param: unknown; details: object } // an error of our own making
  if (caller === 'gemini') {
    const [info, request] = details as [{ reason: unknown }, { fieldViolations: { field: unknown }[] }] // as above
    return { code: info.reason, param: request.fieldViolations[0]?.field }
  }
  if (code !== undefined) return { code, param }
  const { error_code, param: place } = details as { error_code: unknown; param: unknown } // as above
  return { code: error_code, param: place }
}

/** Nothing is lost where nothing was touched: the bytes of the answer are the provider's, less what only we asked for. */
function checkRelayed(cell: Cell, { sent, received, got }: Exchange): void {
  const { failure, withoutUsage } = cell.conversation
  const [request] = received
  const { model: _, ...said } = sent
  expect(request?.json).toMatchObject(said)
  const hidesUsage = cell.caller === 'openai-chat' && cell.form === 'stream' && withoutUsage === true
  if (failure === undefined && !hidesUsage) expect(got.body).toBe(answerOf(cell))
}

for (const conversation of conversations) {
  describe(conversation.name, () => {
    for (const cell of cellsOf(conversation)) {
      const name = nameOf(cell)
      test(name, async () => {
        const exchange = await runCell(cell, stage)
        checkReceived(cell, exchange)
        checkUnderstood(cell, exchange, await understand(cell.caller, exchange.sent, exchange.got))
        if (cell.mode === 'relay') checkRelayed(cell, exchange)
        const seen = transcribe(cell, exchange)
        expect(seen).toBe(goldenOf(`${conversation.name}/${name}`, seen))
      })
    }
  })
}

test('every golden belongs to a cell', () => {
  const cells = conversations.flatMap(conversation =>
    cellsOf(conversation).map(cell => `${conversation.name}/${nameOf(cell)}`),
  )
  expect(listGoldens()).toEqual(cells.sort())
})

test('every wire fixture is used by a cell', () => {
  for (const dialect of providers) {
    const used = new Set<string>()
    // Refused before they are sent or answered, and read by the wire's own goldens.
    if (dialect === 'gemini') for (const form of ['json', 'sse']) used.add(`blocked.answer.${form}`)
    for (const cell of conversations.flatMap(cellsOf)) {
      if (cell.caller === dialect) used.add(`${requestNameOf(cell)}.request.json`)
      if (cell.provider === dialect) used.add(answerFileOf(cell))
    }
    expect(listWireFiles(dialect)).toEqual([...used].sort())
  }
})
