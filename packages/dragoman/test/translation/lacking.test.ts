import { expect, test } from 'bun:test'
import type { Feature } from '../../src/providers/profile.ts'
import { features, type TranslatedFeature } from '../../src/translation/feature.ts'
import { lacking } from '../../src/translation/lacking.ts'
import { drive } from './drive.ts'
import { callers } from './probes.ts'

const evidence = { rank: 'assumed', source: 'a test', date: '2026-11-23' } as const

const rows = features.flatMap((feature: TranslatedFeature) =>
  feature.profile === undefined ? [] : [[feature, feature.profile] as const],
)

test.each(rows)('$id, which a model lacks, becomes what the data say', async (feature, profile: Feature) => {
  const seen = new Set<string>()
  for (const caller of callers) {
    const rule = { feature: profile, level: 'absent', evidence } as const
    const id = feature.id as Parameters<typeof drive>[2] // a row of the table
    const cell = await drive(caller, 'openai-chat', id, [rule])
    // Where the wire itself has no word for it, that is what happens.
    const withRule = cell?.level
    const without = (await drive(caller, 'openai-chat', id))?.level
    if (withRule !== undefined && without === 'native') seen.add(withRule)
  }
  const expected = lacking[profile]
  expect([...seen]).toEqual(seen.size === 0 ? [] : [expected ?? 'native'])
})
