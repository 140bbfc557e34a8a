import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { callIdOf, handleOf, parseCallId } from '../../src/custody/handle.ts'
import { envelopeMark, holdsMark, isEnvelope, Keyring } from '../../src/custody/keyring.ts'
import { legId } from '../../src/layers/legs.ts'

const secret = (fill: number) => new Uint8Array(32).fill(fill)
const ring = new Keyring([secret(1)])

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const plain = fc.string({ unit: 'grapheme', maxLength: 200 }).map(text => text.trimEnd())
const tenant = fc.string({ maxLength: 20 })

describe('an envelope', () => {
  test('opens to what was sealed, for the tenant it was sealed for', () =>
    fc.assert(
      fc.asyncProperty(plain, tenant, async (text, name) => {
        const envelope = await ring.seal(text, name)
        expect(isEnvelope(envelope)).toBe(true)
        expect(envelope).toMatch(/^[A-Za-z0-9_-]+$/)
        // Base64 whose padding nobody can lose, because it has none.
        expect(envelope.length % 4).toBe(0)
        expect(await ring.open(envelope, name)).toBe(text)
      }),
    ))

  test('opens for no other tenant', () =>
    fc.assert(
      fc.asyncProperty(plain, tenant, tenant, async (text, one, other) => {
        fc.pre(one !== other)
        expect(await ring.open(await ring.seal(text, one), other)).toBeUndefined()
      }),
    ))

  test('opens no more when one character of it was changed, lost or added', () =>
    fc.assert(
      fc.asyncProperty(
        plain,
        fc.nat(),
        fc.constantFrom(...alphabet),
        fc.constantFrom('change', 'lose', 'add'),
        async (text, position, character, how) => {
          const envelope = await ring.seal(text, 't')
          const at = position % envelope.length
          const rest = envelope.slice(how === 'add' ? at : at + 1)
          const changed = envelope.slice(0, at) + (how === 'lose' ? '' : character) + rest
          fc.pre(changed !== envelope)
          expect(await ring.open(changed, 't')).toBeUndefined()
        },
      ),
    ))

  test('is never what somebody made up', () =>
    fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 300 }), async text => {
        expect(await ring.open(envelopeMark + text, 't')).toBeUndefined()
        expect(await ring.open(text, 't')).toBeUndefined()
      }),
    ))

  test('opens with an old key as long as it is there, and is sealed with the newest', async () => {
    const before = new Keyring([secret(1)])
    const after = new Keyring([secret(2), secret(1)])
    const without = new Keyring([secret(2)])
    const old = await before.seal('kept', 't')
    expect(await after.open(old, 't')).toBe('kept')
    expect(await without.open(old, 't')).toBeUndefined()
    const renewed = await after.seal('kept', 't')
    expect(await without.open(renewed, 't')).toBe('kept')
    expect(await before.open(renewed, 't')).toBeUndefined()
  })

  test('of a gateway without secrets opens in that gateway alone', async () => {
    const [one, other] = [new Keyring(), new Keyring()]
    const envelope = await one.seal('kept', 't')
    expect(await one.open(envelope, 't')).toBe('kept')
    expect(await other.open(envelope, 't')).toBeUndefined()
  })

  test('is read in the alphabets and paddings that SDKs write bytes in', async () => {
    const envelope = await ring.seal('€'.repeat(50), 't')
    const bytes = Buffer.from(envelope, 'base64url')
    expect(await ring.open(bytes.toString('base64'), 't')).toBe('€'.repeat(50))
    expect(bytes.toString('base64').startsWith(envelopeMark)).toBe(true)
  })

  test('is found in bytes wherever it stands, and nothing else is', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'dragomn"{') }),
        fc.string(),
        fc.boolean(),
        (before, after, isThere) => {
          const text = before + (isThere ? envelopeMark : '') + after
          expect(holdsMark(new TextEncoder().encode(text))).toBe(text.includes(envelopeMark))
        },
      ),
    ))

  test('differs each time, so that equal state does not show', async () => {
    expect(await ring.seal('same', 't')).not.toBe(await ring.seal('same', 't'))
  })

  test('is the same each time where it is an id, and never that of another text, tenant or secret', () =>
    fc.assert(
      fc.asyncProperty(plain, plain, tenant, tenant, async (text, otherText, name, otherName) => {
        fc.pre(text !== otherText && name !== otherName)
        const envelope = await ring.sealSame(text, name)
        expect(await new Keyring([secret(1)]).sealSame(text, name)).toBe(envelope)
        expect(await ring.open(envelope, name)).toBe(text)
        expect(await ring.open(envelope, otherName)).toBeUndefined()
        const nonceOf = (sealed: string) => sealed.slice(16, 30)
        const others = await Promise.all([
          ring.sealSame(otherText, name),
          ring.sealSame(text, otherName),
          new Keyring([secret(2)]).sealSame(text, name),
        ])
        for (const other of others) expect(nonceOf(other)).not.toBe(nonceOf(envelope))
      }),
    ))
})

describe('a handle', () => {
  const callId = fc.string({ unit: fc.constantFrom(...alphabet.slice(0, 62)), minLength: 1, maxLength: 24 })

  test('is found again in the ids of its calls, also behind a leg, and fits every wire that has no rule of its own', () =>
    fc.assert(
      fc.property(callId, fc.nat(15), fc.nat(99), fc.nat(15), (call, answer, number, leg) => {
        const handle = handleOf(call, answer)
        const id = legId(callIdOf(handle, number), leg)
        expect(id).toMatch(/^[A-Za-z0-9_-]{1,40}$/)
        expect(parseCallId(id)).toEqual({ handle, number })
      }),
    ))

  test.each(['call_abc', 'toolu_01', 'dgm_', 'dgm_abc', 'dgm_abc_0', 'dgm_abc_0_x', ''])(
    'is not in %j',
    id => {
      expect(parseCallId(id)).toBeUndefined()
    },
  )
})
