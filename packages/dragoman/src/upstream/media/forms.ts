import type { DialectId } from '../../ir/extra.ts'
import type { MediaPart } from '../../ir/part.ts'
import type { MediaReach } from '../adapt/adaptation.ts'

export type Medium = MediaPart['media']

/** In which forms a wire takes media; what a model does not take is in its profile. */
interface MediaForms {
  readonly bytes: readonly Medium[]
  /** By a web address. */
  readonly address: readonly Medium[]
  /** Other schemes of addresses that its provider reads. */
  readonly schemes: readonly string[]
  /** Types of pictures it takes beside the four that every wire takes. */
  readonly pictures: readonly string[]
  /** Its addresses may name what its provider alone knows: a caller of this wire is taken at its word. */
  readonly ownAddresses?: true
}

const everything: readonly Medium[] = ['image', 'audio', 'video', 'file']
const withoutVideo: readonly Medium[] = ['image', 'audio', 'file']
const none: readonly never[] = []

/** From the same types as the encoders, which refuse what is in no form here. */
const forms: { readonly [D in DialectId]?: MediaForms } = {
  'openai-chat': { bytes: withoutVideo, address: ['image'], schemes: none, pictures: none },
  'openai-responses': { bytes: withoutVideo, address: ['image', 'file'], schemes: none, pictures: none },
  'anthropic-messages': {
    bytes: ['image', 'file'],
    address: ['image', 'file'],
    schemes: none,
    pictures: none,
  },
  gemini: {
    bytes: everything,
    address: everything,
    schemes: ['gs:'],
    pictures: ['image/heic', 'image/heif'],
    ownAddresses: true,
  },
  'bedrock-converse': { bytes: everything, address: none, schemes: ['s3:'], pictures: none },
  cohere: { bytes: ['image'], address: ['image'], schemes: none, pictures: none },
}

const unknown: MediaForms = { bytes: none, address: everything, schemes: none, pictures: none }

export const mediaForms = (dialect: DialectId): MediaForms => forms[dialect] ?? unknown

/** Whether addresses that a caller of one wire wrote go to a target of another as they are, for its provider to judge. */
export const keepsAddresses = (caller: DialectId | undefined, target: DialectId): boolean =>
  caller === target && mediaForms(target).ownAddresses === true

/** Wires of one maker, which share the files that were uploaded to it. */
const shareFiles: readonly DialectId[] = ['openai-chat', 'openai-responses']

/** What a target can read of what another wire names. A file's id is a pin: nobody else knows it (ruling 8). */
export const reachOf = (caller: DialectId, target: DialectId): MediaReach => ({
  files: caller === target || (shareFiles.includes(caller) && shareFiles.includes(target)),
  schemes: mediaForms(target).schemes,
})
