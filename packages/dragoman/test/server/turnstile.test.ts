import { expect, test } from 'bun:test'
import { Turnstile } from '../../src/server/turnstile.ts'
import { gate } from '../support/upstream.ts'

const never = new AbortController().signal

test('so many go through, the others in the order they came', async () => {
  const turnstile = new Turnstile(2)
  const gates = [gate(), gate(), gate(), gate()]
  const entered: number[] = []
  const passing = gates.map(({ wait }, index) =>
    turnstile.pass(never, () => {
      entered.push(index)
      return wait
    }),
  )
  await Promise.resolve()
  expect(entered).toEqual([0, 1])
  gates[1]?.open()
  await passing[1]
  expect(entered).toEqual([0, 1, 2])
  for (const one of gates) one.open()
  await Promise.all(passing)
  expect(entered).toEqual([0, 1, 2, 3])
})

test('whoever gives up waiting leaves the queue, and work that fails leaves its place', async () => {
  const turnstile = new Turnstile(1)
  const first = gate()
  const failing = turnstile.pass(never, () => first.wait.then(() => Promise.reject(new Error('failed'))))
  const controller = new AbortController()
  const waiting = turnstile.pass(controller.signal, () => Promise.resolve('entered'))
  const next = turnstile.pass(never, () => Promise.resolve('entered'))
  controller.abort('left')
  expect(await waiting.catch(String)).toBe('left')
  first.open()
  expect(await failing.catch(String)).toContain('failed')
  expect(await next).toBe('entered')
  expect(await turnstile.pass(never, () => Promise.resolve('free again'))).toBe('free again')
})

test('a call that is over does not enter', async () => {
  const turnstile = new Turnstile(1)
  expect(
    await turnstile.pass(AbortSignal.abort('over'), () => Promise.resolve('entered')).catch(String),
  ).toBe('over')
  expect(await turnstile.pass(never, () => Promise.resolve('entered'))).toBe('entered')
})
