import { isList } from '../../../core/codec/values.ts'
import type { Quirk } from '../../../core/quirk.ts'
import type { JsonValue } from '../../../ir/json.ts'
import { isObject } from '../../../wire/json.ts'
import { editMessages } from './edit.ts'

const hasData = (part: JsonValue): boolean =>
  isObject(part) && isObject(part.input_audio) && typeof part.input_audio.data === 'string'

export const audioAsBase64: Quirk = {
  id: 'audio-as-base64',
  reason:
    'Takes the bare base64 of a recording in input_audio, not {data, format} (its OpenAPI, 2026-08-21).',
  request: wire =>
    editMessages(wire, message => {
      const { content } = message
      if (!isList(content) || !content.some(hasData)) return message
      const parts = content.map(part =>
        isObject(part) && isObject(part.input_audio) && hasData(part)
          ? { ...part, input_audio: part.input_audio.data ?? '' }
          : part,
      )
      return { ...message, content: parts }
    }),
}
