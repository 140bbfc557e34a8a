import { describe, expect, test } from 'bun:test'
import {
  byteByByte,
  cuts,
  hasCaptures,
  listCaptures,
  randomCuts,
  readStreams,
  readWhole,
} from '@dragoman/fixtures'
import { failedCaptures, oddCaptures, severalResponses } from '../../../fixtures/src/capture-index.ts'
import { listCaptureFiles } from '../../../fixtures/src/captures.ts'

if (!hasCaptures)
  console.log('corpus: the captures are not beside this repository; laws over them are skipped')

describe.skipIf(!hasCaptures)('the corpus index', () => {
  test('classifies every file once and names no file that is not there', () => {
    const names = listCaptures().map(capture => capture.name)
    expect(names.toSorted()).toEqual([...listCaptureFiles()])
  })

  test('remarks are about files that are there', () => {
    const names = new Set(listCaptures().map(capture => capture.name))
    const remarked = [...Object.keys(oddCaptures), ...Object.keys(severalResponses), ...failedCaptures]
    expect(remarked.filter(name => !names.has(name))).toEqual([])
  })

  test('every whole body is a JSON object of its surface', () => {
    const marks = {
      'openai-chat': 'choices',
      'openai-responses': 'output',
      'anthropic-messages': 'content',
      cohere: 'message',
      completions: 'choices',
      error: 'error',
    } as const
    for (const [surface, field] of Object.entries(marks)) {
      for (const capture of listCaptures({ form: 'whole' })) {
        if (capture.surface === surface) expect(readWhole(capture)).toHaveProperty(field)
      }
    }
    for (const capture of listCaptures({ form: 'whole' })) expect(typeof readWhole(capture)).toBe('object')
  })

  test('files with several responses are split, all others are one', () => {
    const framed = listCaptures({ form: 'stream' }).filter(
      capture => capture.surface !== 'bedrock-converse' && capture.surface !== 'realtime',
    )
    expect(framed.length).toBeGreaterThan(60)
    for (const capture of framed) {
      expect([capture.name, readStreams(capture).length]).toEqual([
        capture.name,
        severalResponses[capture.name] ?? 1,
      ])
    }
  })

  test('framing is put back as each surface sends it', () => {
    const start = (surface: 'openai-chat' | 'openai-responses' | 'anthropic-messages') => {
      const streams = listCaptures({ surface, form: 'stream' }).flatMap(readStreams)
      return new Set(streams.map(bytes => new TextDecoder().decode(bytes).split('{')[0]))
    }
    expect([...start('openai-chat')]).toEqual(['data: '])
    expect([...start('openai-responses')]).toEqual(['event: response.created\ndata: '])
    expect([...start('anthropic-messages')]).toEqual(['event: message_start\ndata: '])
  })
})

describe('ways to cut', () => {
  const bytes = new TextEncoder().encode('data: é\n\n')
  const joined = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]).toString()

  test('every cut in two gives the bytes back', () => {
    const all = [...cuts(bytes)]
    expect(all.length).toBe(bytes.length + 1)
    for (const pieces of all) expect(joined(pieces)).toBe('data: é\n\n')
  })

  test('byte by byte gives the bytes back', () => {
    expect([...byteByByte(bytes)].length).toBe(bytes.length)
    expect(joined(byteByByte(bytes))).toBe('data: é\n\n')
  })

  test('a seed decides random cuts', () => {
    const long = new Uint8Array(5000).map((_, index) => index)
    const lengths = (seed: number) => randomCuts(long, seed).map(piece => piece.length)
    expect(lengths(1)).toEqual(lengths(1))
    expect(lengths(1)).not.toEqual(lengths(2))
    expect(Buffer.concat([...randomCuts(long, 3)])).toEqual(Buffer.from(long))
  })
})
