import type { MediaProblem } from '../../core/ports.ts'
import type { Medium } from './forms.ts'

const sentences: { readonly [K in MediaProblem['kind']]: string } = {
  scheme: 'only https addresses are fetched.',
  credentials: 'an address with a user name or a password in it is not fetched.',
  // One sentence for both, so that it tells nobody which names a private network has.
  host: 'its host has no public address.',
  unreachable: 'its host did not answer, or could not be trusted.',
  redirects: 'it redirects too often, or to nowhere.',
  coding: 'its host answered in a coding that was not asked for.',
  cut: 'the connection broke before it was whole.',
  'too-large': 'it is larger than this gateway fetches.',
  timeout: 'its host took too long.',
  cancelled: 'the call was over.',
  status: 'its host answered with an error.',
}

/** Why something was not fetched, for its caller. Holds nothing that was found out on the way. */
export const sentenceOf = (problem: MediaProblem): string =>
  problem.kind === 'status' ? `its host answered with status ${problem.status}.` : sentences[problem.kind]

const kinds: { readonly [M in Medium]: string } = {
  image: 'it is no picture that this target takes (PNG, JPEG, GIF or WebP).',
  audio: 'it is no audio.',
  video: 'it is no video.',
  file: 'it is no document (PDF, office or text).',
}

export const wrongType = (medium: Medium): string => kinds[medium]
