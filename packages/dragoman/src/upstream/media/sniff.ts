import type { Medium } from './forms.ts'

// What bytes are, by how they begin. What a server calls them is believed only where bytes cannot tell.

/** Beginnings by media type; a dot stands for any byte. */
const beginnings: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF.{4}WEBP/s, 'image/webp'],
  [/^.{4}ftyp(?:heic|heix|hevc|hevx)/s, 'image/heic'],
  [/^.{4}ftyp(?:mif1|msf1|heim|heis)/s, 'image/heif'],
  [/^%PDF-/, 'application/pdf'],
  [/^RIFF.{4}WAVE/s, 'audio/wav'],
  [/^ID3/, 'audio/mpeg'],
  [/^fLaC/, 'audio/flac'],
  [/^OggS/, 'audio/ogg'],
  [/^.{4}ftypM4A/s, 'audio/m4a'],
  [/^\xff[\xf0\xf1\xf8\xf9]/, 'audio/aac'],
  [/^\xff[\xe2-\xef\xf2-\xf7\xfa-\xff]/, 'audio/mpeg'],
  [/^.{4}ftypqt/s, 'video/quicktime'],
  [/^.{4}ftyp(?:isom|iso[2-9]|mp4[12]|avc1|M4V|dash|MSNV)/s, 'video/mp4'],
  [/^[^ -~]E\xdf\xa3/, 'video/webm'],
]

/** Documents that are archives: only their type tells which. */
const office = /^application\/vnd\.(?:openxmlformats-officedocument\.|oasis\.opendocument\.)/

const textual = /^text\/|^application\/(?:json|xml|yaml|x-yaml)$|\+(?:json|xml)$/

/** The pictures that every wire takes. */
const pictures: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

/** The media type of bytes that are meant to be such a medium; undefined where they are not. */
export function sniffMedia(
  bytes: Uint8Array,
  claimed: string | undefined,
  medium: Medium,
  morePictures: readonly string[],
): string | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 32))
  const known = beginnings.find(([pattern]) => pattern.test(head))?.[1]
  if (medium === 'image')
    return known !== undefined && (pictures.includes(known) || morePictures.includes(known))
      ? known
      : undefined
  if (medium === 'file') return known === undefined ? documentType(bytes, head, claimed) : pdf(known)
  return known?.startsWith(`${medium}/`) === true ? known : undefined
}

const pdf = (known: string): string | undefined => (known === 'application/pdf' ? known : undefined)

function documentType(bytes: Uint8Array, head: string, claimed: string | undefined): string | undefined {
  const type = claimed?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (head.startsWith('PK')) return office.test(type) ? type : undefined
  return textual.test(type) && isText(bytes) ? type : undefined
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}
