import { expect, test } from 'bun:test'
import { policyOrder } from '../../src/policy-order.ts'
import { readSources } from '../layering/source.ts'

// The order of policies, outermost first. What depends on facts the compiler keeps in order; the rest is kept here.

test('the policies stand in this order', () => {
  expect([...policyOrder]).toEqual([
    'shield',
    'observe',
    'authenticate',
    'state',
    'route',
    'fallback',
    'emulate',
    'retry',
    'upstream',
  ])
})

test('and are composed in it', () => {
  const source = readSources().find(({ path }) => path === 'policy-order.ts')?.code ?? ''
  const composed = [...source.matchAll(/\.(?:with|over)\((?:create)?(\w+)/g)].map(([, name = '']) =>
    name.toLowerCase(),
  )
  expect(composed).toEqual([...policyOrder])
})

test('every layer there is has its place', () => {
  const layers = readSources()
    .filter(({ path, code }) => path.startsWith('layers/') && /\bLayer<|<C extends Received>/.test(code))
    .map(({ path }) => path.replace(/^layers\/|\.ts$/g, ''))
  expect(layers.toSorted()).toEqual(policyOrder.filter(name => name !== 'upstream').toSorted())
})
