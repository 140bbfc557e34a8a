import type { JsonObject } from '@dragoman/fixtures'
import type { Complain } from './oracle.ts'
import { isRecord, listOf, objectOf, textOf } from './oracle-read.ts'

const name = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/
const id = /^[a-zA-Z0-9_-]{1,64}$/

/** Converse: reference card sections 2 to 5; turns are strict, calls are answered at once. */
export function checkConverse(body: JsonObject, complain: Complain): void {
  const messages = listOf(body.messages)
  if (messages[0]?.role !== 'user') complain('messages: the first has to be of the user')
  const config = objectOf(body.toolConfig)
  if (body.toolConfig !== undefined && listOf(config.tools).length === 0)
    complain('toolConfig: at least one tool')
  for (const tool of listOf(config.tools)) {
    const spec = objectOf(tool.toolSpec)
    if (isRecord(tool.toolSpec) && !name.test(textOf(spec.name))) complain(`tools: name ${spec.name}`)
  }
  const used = messages.flatMap(message => listOf(message.content)).some(block => isRecord(block.toolUse))
  if (used && body.toolConfig === undefined)
    complain('toolConfig: the history has calls, so the tools have to be there')
  checkTurns(messages, complain)
}

function checkTurns(messages: readonly JsonObject[], complain: Complain): void {
  let waiting: readonly string[] = []
  for (const [index, message] of messages.entries()) {
    if (message.role === messages[index - 1]?.role) complain(`messages[${index}]: two of one role in a row`)
    const blocks = listOf(message.content)
    if (blocks.length === 0) complain(`messages[${index}]: empty`)
    const answered = blocks.flatMap(block =>
      isRecord(block.toolResult) ? [textOf(block.toolResult.toolUseId)] : [],
    )
    if ([...answered].sort().join() !== [...waiting].sort().join())
      complain(`messages[${index}]: answers [${answered}] to calls [${waiting}]`)
    waiting = blocks.flatMap(block => (isRecord(block.toolUse) ? [textOf(block.toolUse.toolUseId)] : []))
    for (const called of waiting) if (!id.test(called)) complain(`messages[${index}]: call id ${called}`)
    for (const block of blocks) {
      if (block.text !== undefined && textOf(block.text).trim() === '')
        complain(`messages[${index}]: an empty text`)
      if (Object.keys(block).length !== 1) complain(`messages[${index}]: a block says one thing`)
    }
    const hasDocument = blocks.some(block => isRecord(block.document))
    if (hasDocument && !blocks.some(block => block.text !== undefined))
      complain(`messages[${index}]: a document needs a text beside it`)
  }
  if (waiting.length > 0) complain(`messages: calls without a result: ${waiting}`)
}
