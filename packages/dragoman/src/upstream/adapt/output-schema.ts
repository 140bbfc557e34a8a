import type { JsonObject } from '../../ir/json.ts'
import type { Note } from '../../ir/note.ts'
import type { GenerateRequest, OutputFormat } from '../../ir/request.ts'
import { needsRestoring, restoreValue } from '../schema/restore.ts'
import type { Adaptation, AdaptContext, Adapter } from './adaptation.ts'
import { createCheckedAnswer } from './checked-answer.ts'
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
    const where = refused.at === '' ? '' : ` at ${refused.at}`
    const note: Note = {
      kind: 'approximated',
      path: 'output',
      reason: `The target’s strict mode does not take ${refused.keyword}${where}: ${refused.reason ?? ''} The schema is followed as well as the model can.`,
    }
    return adaptation(asked, asked.schema, { strict: false }, [note], true, context)
  }
  const isWeaker = made.notes.some(({ kind }) => kind === 'weakened')
  const notes = [...notesOf(made, 'output.schema', isChecked(isWeaker, context)), ...inverses(made)]
  const strict = schemas.looseOutput === true ? { strict: true } : {}
  const restore = needsRestoring(made) ? made : undefined
  return adaptation(asked, sentSchema(asked.schema, made), strict, notes, isWeaker, context, restore)
}

const isChecked = (isWeaker: boolean, context: AdaptContext): boolean =>
  isWeaker &&
  context.validator !== undefined &&
  context.structuredStream === 'buffer' &&
  context.emulates('output')

type Made = ReturnType<typeof lowered>

const inverses = ({ isWrapped, optional }: Made): readonly Note[] => [
  ...(isWrapped
    ? [
        emulated(
          'The target’s answers are objects: this one is asked for under a key, which is taken away again.',
        ),
      ]
    : []),
  ...(optional.size > 0
    ? [
        emulated(
          'The target wants every property: those that may stay away may be null instead, and such nulls are taken out of the answer.',
        ),
      ]
    : []),
]

const emulated = (reason: string): Note => ({ kind: 'emulated', path: 'output.schema', reason })

function adaptation(
  asked: WithSchema,
  schema: JsonObject,
  more: { readonly strict?: boolean },
  notes: readonly Note[],
  isWeaker: boolean,
  context: AdaptContext,
  restore?: Made,
): Adaptation | undefined {
  const checks = isChecked(isWeaker, context)
  const isSame = schema === asked.schema && (more.strict === undefined || more.strict === asked.strict)
  if (isSame && notes.length === 0) return undefined
  const { validator } = context
  return {
    id: 'output-schema',
    checks,
    request: (rest: GenerateRequest) => ({
      value: { ...rest, output: { ...asked, schema, ...more } },
      notes,
    }),
    ...(checks || restore !== undefined
      ? {
          restore: () =>
            createCheckedAnswer({
              ...(restore === undefined ? {} : { restore: value => restoreValue(restore, value) }),
              ...(checks ? { check: value => validator?.check(asked.schema, value) } : {}),
            }),
        }
      : {}),
  }
}
