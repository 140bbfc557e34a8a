import { describe, expect, test } from 'bun:test'
import { readDataUrl } from '../../src/upstream/media/data-url.ts'
import type { Medium } from '../../src/upstream/media/forms.ts'
import { sniffMedia } from '../../src/upstream/media/sniff.ts'

const bytes = (text: string) => Uint8Array.from(text, character => character.charCodeAt(0))

describe('what bytes are', () => {
  test.each([
    ['\x89PNG\r\n\x1a\n', 'image', 'image/png'],
    ['\xff\xd8\xff\xe0', 'image', 'image/jpeg'],
    ['GIF89a', 'image', 'image/gif'],
    ['RIFF\0\0\0\0WEBP', 'image', 'image/webp'],
    ['%PDF-1.4', 'file', 'application/pdf'],
    ['RIFF\n\0\0\0WAVE', 'audio', 'audio/wav'],
    ['ID3', 'audio', 'audio/mpeg'],
    ['\xff\xfb\x90', 'audio', 'audio/mpeg'],
    ['\xff\xf1\x50', 'audio', 'audio/aac'],
    ['fLaC', 'audio', 'audio/flac'],
    ['OggS', 'audio', 'audio/ogg'],
    ['\0\0\0\x20ftypM4A ', 'audio', 'audio/m4a'],
    ['\0\0\0\x20ftypisom', 'video', 'video/mp4'],
    ['\0\0\0\x14ftypqt  ', 'video', 'video/quicktime'],
    ['\x1a\x45\xdf\xa3', 'video', 'video/webm'],
  ] as const)('%j as %s', (beginning, medium, type) => {
    const all: readonly Medium[] = ['image', 'audio', 'video', 'file']
    // Whatever their host calls them, and as nothing else.
    expect(sniffMedia(bytes(beginning), 'text/html', medium, [])).toBe(type)
    for (const other of all.filter(one => one !== medium))
      expect(sniffMedia(bytes(beginning), type, other, [])).toBeUndefined()
  })

  test('pictures that only some wires take', () => {
    const heic = bytes('\0\0\0\x18ftypheic')
    expect(sniffMedia(heic, undefined, 'image', ['image/heic'])).toBe('image/heic')
    expect(sniffMedia(heic, 'image/png', 'image', [])).toBeUndefined()
  })

  test('text is what its host calls it, if it is text', () => {
    const docx = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'
    expect(sniffMedia(bytes('a,b'), 'Text/CSV; charset=utf-8', 'file', [])).toBe('text/csv')
    expect(sniffMedia(bytes('{}'), 'application/json', 'file', [])).toBe('application/json')
    expect(sniffMedia(bytes('PK\x03\x04'), docx, 'file', [])).toBe(docx)
    expect(sniffMedia(bytes('PK\x03\x04'), 'application/zip', 'file', [])).toBeUndefined()
    expect(sniffMedia(bytes('a\0b'), 'text/plain', 'file', [])).toBeUndefined()
    expect(sniffMedia(bytes('\xff\xfe'), 'text/plain', 'file', [])).toBeUndefined()
    expect(sniffMedia(bytes('MZ'), 'application/octet-stream', 'file', [])).toBeUndefined()
    expect(sniffMedia(bytes('a'), undefined, 'file', [])).toBeUndefined()
    expect(sniffMedia(bytes(''), 'image/png', 'image', [])).toBeUndefined()
  })
})

describe('data URLs', () => {
  test.each([
    ['data:,a%20b', 'text/plain', 'a b'],
    ['data:text/csv;charset=utf-8,a,b', 'text/csv;charset=utf-8', 'a,b'],
    ['data:image/png;base64,aGk=', 'image/png', 'hi'],
    ['data:image/png;base64,aGk%3D', 'image/png', 'hi'],
    ['DATA:image/png;BASE64,aGk=', 'image/png', 'hi'],
    ['data:image/x,%89%', 'image/x', '\x89%'],
    ['data:image/png;base64,***', 'image/png', ''],
    ['data:', 'text/plain', ''],
  ])('%s', (url, contentType, text) => {
    expect(readDataUrl(url)).toEqual({ bytes: bytes(text), contentType })
  })
})
