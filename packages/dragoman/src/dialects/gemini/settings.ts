import type { Notes } from '../../core/codec/notes.ts'
import { defined } from '../../core/codec/values.ts'
import type { JsonObject } from '../../ir/json.ts'
import type { GenerateRequest, Hints, Sampling } from '../../ir/request.ts'
import { own } from '../../wire/json.ts'
import { type Fields, flag, integer, number, object, text, texts } from './fields.ts'
import { ownExtra, withExtra } from './wire.ts'

/** `serviceTier` (SDK 3.1.0) and the model's words, which are OpenAI's. */
const tiers: { readonly [tier: string]: string } = {
  standard: 'default',
  flex: 'flex',
  priority: 'priority',
}
const tierWords: { readonly [tier: string]: string } = {
  default: 'standard',
  flex: 'flex',
  priority: 'priority',
}

/** Most stop sequences a request takes (card 3, trap 25). */
const mostStops = 5

/** Seeds are 32-bit integers. */
const largestSeed = 2 ** 31 - 1

export function decodeSampling(config: Fields): Sampling {
  return defined({
    temperature: config.want('temperature', number),
    topP: config.want('topP', number),
    topK: config.want('topK', number),
    seed: config.want('seed', integer),
    stop: config.want('stopSequences', texts),
    frequencyPenalty: config.want('frequencyPenalty', number),
    presencePenalty: config.want('presencePenalty', number),
  })
}

export function encodeSampling(sampling: Sampling, notes: Notes): JsonObject {
  const { temperature, topP, topK, stop, frequencyPenalty, presencePenalty } = sampling
  if (Object.keys(sampling.logitBias ?? {}).length > 0) {
    notes.add('refused', 'sampling.logitBias', 'tokens cannot be biased here')
  }
  if ((stop?.length ?? 0) > mostStops) {
    notes.add('refused', 'sampling.stop', `more than ${mostStops} stop sequences are not accepted here`)
  }
  return defined({
    temperature,
    topP,
    topK,
    seed: encodeSeed(sampling.seed, notes),
    stopSequences: stop,
    frequencyPenalty,
    presencePenalty,
  })
}

/** The same seed gives the same one here, which is what a seed is for. */
function encodeSeed(seed: number | undefined, notes: Notes): number | undefined {
  if (seed === undefined || Math.abs(seed) <= largestSeed) return seed
  notes.add(
    'approximated',
    'sampling.seed',
    'a seed has 32 bits here: the rest of the division by that stands for it',
  )
  return seed % largestSeed
}

type Voice = Pick<GenerateRequest, 'modalities' | 'audio'>

/** `responseModalities` and `speechConfig`; whatever of the latter is no prebuilt voice is kept. */
export function decodeVoice(config: Fields): Voice {
  const modalities = config.want('responseModalities', texts)?.map(modality => modality.toLowerCase())
  const speech = config.want('speechConfig', object)
  if (speech === undefined) return defined({ modalities })
  const outer = config.inside('speechConfig', speech)
  const voice = outer.inside('voiceConfig', outer.take('voiceConfig', object) ?? {})
  const prebuilt = voice.inside('prebuiltVoiceConfig', voice.take('prebuiltVoiceConfig', object) ?? {})
  const name = prebuilt.take('voiceName', text)
  if (prebuilt.hasRest) voice.keepRest('prebuiltVoiceConfig', prebuilt)
  if (voice.hasRest) outer.keepRest('voiceConfig', voice)
  return defined({ modalities, audio: defined({ voice: name, extra: outer.extra() }) })
}

export function encodeVoice({ modalities, audio }: Voice, notes: Notes): JsonObject {
  const responseModalities = modalities?.map(modality => modality.toUpperCase())
  if (audio === undefined) return defined({ responseModalities })
  notes.foreign(audio, 'audio')
  if (audio.format !== undefined) notes.add('dropped', 'audio.format', 'audio comes in one format here')
  const voiceConfig = { prebuiltVoiceConfig: { voiceName: audio.voice ?? '' } }
  const speechConfig = withExtra(audio.voice === undefined ? {} : { voiceConfig }, ownExtra(audio))
  return defined({ responseModalities, speechConfig })
}

/** `responseLogprobs` switches them on, `logprobs` counts the alternatives. */
export function decodeLogprobSwitch(config: Fields): GenerateRequest['logprobs'] {
  const isOn = config.take('responseLogprobs', flag)
  if (isOn === false) config.keep('responseLogprobs', false)
  return isOn === true ? defined({ top: config.want('logprobs', integer) }) : undefined
}

export function encodeLogprobSwitch(logprobs: GenerateRequest['logprobs']): JsonObject {
  if (logprobs === undefined) return {}
  // None is not accepted as a number here: to say nothing says the same.
  const { top } = logprobs
  return defined({ responseLogprobs: true, logprobs: top === 0 ? undefined : top })
}

export function decodeHints(fields: Fields): Hints {
  const tier = fields.take('serviceTier', text)
  const serviceTier = tier === undefined ? undefined : own(tiers, tier.toLowerCase())
  if (tier !== undefined && serviceTier === undefined) fields.keep('serviceTier', tier)
  return defined({ serviceTier })
}

export function encodeTier(tier: string | undefined, notes: Notes): string | undefined {
  if (tier === undefined || tier === 'auto') return undefined
  const word = tierWord(tier)
  if (word === undefined) notes.add('dropped', 'hints.serviceTier', `there is no tier ${tier} here`)
  return word
}

export function tierWord(tier: string | undefined): string | undefined {
  return tier === undefined ? undefined : own(tierWords, tier)
}

/** The tier an answer was served with; undefined where the model has no word for it. */
export function decodeTier(usage: JsonObject): string | undefined {
  const { serviceTier } = usage
  return typeof serviceTier === 'string' ? own(tiers, serviceTier.toLowerCase()) : undefined
}

/** How images are looked at: OpenAI's word an image, this wire's word a request (the word a part is for some models only). */
const resolutions: { readonly [detail: string]: string } = {
  low: 'MEDIA_RESOLUTION_LOW',
  high: 'MEDIA_RESOLUTION_HIGH',
  original: 'MEDIA_RESOLUTION_HIGH',
}

export function encodeResolution(request: GenerateRequest, notes: Notes): string | undefined {
  let resolution: string | undefined
  for (const [index, { parts }] of request.turns.entries()) {
    for (const [position, part] of parts.entries()) {
      if (part.kind !== 'media' || part.detail === undefined || part.detail === 'auto') continue
      const word = own(resolutions, part.detail)
      // The highest anybody asked for: an image seen too well is not misread.
      if (word !== undefined && resolution !== resolutions.high) resolution = word
      const path = `turns[${index}].parts[${position}].detail`
      if (word === undefined) notes.add('dropped', path, `there is no detail ${part.detail} here`)
      else
        notes.add(
          'approximated',
          path,
          'the resolution is one for the whole request here, the highest asked for',
        )
    }
  }
  return resolution
}
