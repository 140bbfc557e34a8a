import type { JsonObject } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import type { OutputFormat } from '../../ir/request.ts'
import type { Lowered, SchemaNote } from '../schema/lower.ts'
import { needsRestoring, restoreValue } from '../schema/restore.ts'
import type { Adaptation, AdaptContext, Adapter } from './adaptation.ts'
import { type CheckedAnswerOptions, createCheckedAnswer } from './checked-answer.ts'
import { lowered, notesOf, refusalIn, sentSchema } from './lowered.ts'

type WithSchema = OutputFormat & { readonly kind: 'json-schema'; readonly schema: JsonObject }

/** A schema of the answer for a target that takes only a part of JSON Schema. */
export const outputSchema: Adapter = (request, context) => {
  const { output } = request
  const { schemas } = context.facts
  if (output?.kind !== 'json-schema' || output.schema === undefined || schemas?.output === undefined)
    return undefined
  const asked: WithSchema = { ...output, schema: output.schema }
  // Without the mark such a target follows any schema, as well as its model can: that is what was asked for.
  const isLoose = schemas.looseOutput === true && output.strict !== true
  if (isLoose && (output.strict === false || !context.mustStaySchema)) return undefined
  const made = lowered(asked.schema, schemas.output)
  const refused = refusalIn(made)
  if (refused !== undefined && schemas.looseOutput === true) {
    const notes = [loosened(refused)]
    return adaptation({ asked, sent: { ...asked, strict: false }, notes, isWeaker: true }, context)
  }
  const isWeaker = made.notes.some(({ kind }) => kind === 'weakened')
  const notes = [...notesOf(made, 'output.schema', isChecked(isWeaker, context)), ...inverses(made)]
  const schema = sentSchema(asked.schema, made)
  const sent = { ...asked, schema, ...(schemas.looseOutput === true ? { strict: true } : {}) }
  return adaptation({ asked, sent, notes, isWeaker, made }, context)
}

const loosened = ({ keyword, at, reason = '' }: SchemaNote): Note => ({
  kind: 'approximated',
  path: 'output',
  reason: `The target’s strict mode does not take ${keyword}${at === '' ? '' : ` at ${at}`}: ${reason} The schema is followed as well as the model can.`,
})

const isChecked = (isWeaker: boolean, context: AdaptContext): boolean =>
  isWeaker &&
  context.validator !== undefined &&
  context.structuredStream === 'buffer' &&
  context.emulates('output')

const inverses = ({ isWrapped, optional }: Lowered): readonly Note[] => [
  ...(isWrapped ? [emulated(underKey)] : []),
  ...(optional.size > 0 ? [emulated(byNull)] : []),
]

const underKey =
  'The target’s answers are objects: this one is asked for under a key, which is taken away again.'
const byNull =
  'The target wants every property: those that may stay away may be null instead, and such nulls are taken out of the answer.'

const emulated = (reason: string): Note => ({ kind: 'emulated', path: 'output.schema', reason })

interface Change {
  readonly asked: WithSchema
  readonly sent: WithSchema
  readonly notes: readonly Note[]
  /** The target does not guarantee all that was asked. */
  readonly isWeaker: boolean
  /** Where the answer may have to be brought into the caller's form. */
  readonly made?: Lowered
}

function adaptation(change: Change, context: AdaptContext): Adaptation | undefined {
  const { asked, sent, notes, made } = change
  if (sent.schema === asked.schema && sent.strict === asked.strict && notes.length === 0) return undefined
  const checks = isChecked(change.isWeaker, context)
  const { validator } = context
  const options: CheckedAnswerOptions = {
    ...(made !== undefined && needsRestoring(made) ? { restore: value => restoreValue(made, value) } : {}),
    ...(checks ? { check: value => validator?.check(asked.schema, value) } : {}),
  }
  return {
    id: 'output-schema',
    checks,
    request: rest => ({ value: { ...rest, output: sent }, notes }),
    ...(Object.keys(options).length === 0 ? {} : { restore: () => createCheckedAnswer(options) }),
  }
}
