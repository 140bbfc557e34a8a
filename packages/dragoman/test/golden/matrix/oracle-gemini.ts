import type { JsonObject } from '@dragoman/fixtures'
import type { Complain } from './oracle.ts'
import { isRecord, listOf, objectOf, textOf } from './oracle-read.ts'

const name = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/

/** generateContent: reference card sections 3 to 6. */
export function checkGemini(body: JsonObject, complain: Complain): void {
  const contents = listOf(body.contents)
  if (contents.length === 0) complain('contents: at least one')
  const tools = listOf(body.tools).flatMap(tool => listOf(tool.functionDeclarations))
  for (const tool of tools) {
    if (!name.test(textOf(tool.name))) complain(`tools: name ${tool.name}`)
    if (tool.parameters !== undefined && tool.parametersJsonSchema !== undefined)
      complain('tools: one of parameters and parametersJsonSchema')
  }
  const calling = objectOf(objectOf(body.toolConfig).functionCallingConfig)
  if (tools.length === 0 && calling.mode !== undefined) complain('toolConfig: only with functions')
  const config = objectOf(body.generationConfig)
  if (config.responseSchema !== undefined && config.responseJsonSchema !== undefined)
    complain('generationConfig: one of responseSchema and responseJsonSchema')
  const hasSchema = config.responseSchema !== undefined || config.responseJsonSchema !== undefined
  if (hasSchema && config.responseMimeType !== 'application/json')
    complain('generationConfig: a schema needs responseMimeType application/json')
  checkContents(contents, complain)
}

/** Results answer the calls of the turn before them, as many as there were; a turn of calls answers something. */
function checkContents(contents: readonly JsonObject[], complain: Complain): void {
  let waiting: readonly string[] = []
  for (const [index, content] of contents.entries()) {
    const parts = listOf(content.parts)
    if (content.role !== 'user' && content.role !== 'model')
      complain(`contents[${index}].role: ${content.role}`)
    if (parts.length === 0) complain(`contents[${index}]: empty`)
    const results = parts.flatMap(part =>
      isRecord(part.functionResponse) ? [textOf(part.functionResponse.name)] : [],
    )
    if (content.role === 'user' && (waiting.length > 0 || results.length > 0)) {
      if ([...results].sort().join() !== [...waiting].sort().join())
        complain(`contents[${index}]: answers [${results}] to calls [${waiting}]`)
      waiting = []
    }
    const calls = parts.flatMap(part => (isRecord(part.functionCall) ? [textOf(part.functionCall.name)] : []))
    if (calls.length > 0 && index === 0) complain('contents[0]: a call before anybody asked')
    if (calls.length > 0) waiting = calls
    for (const part of parts)
      if (Object.keys(part).length === 0) complain(`contents[${index}]: an empty part`)
  }
  if (waiting.length > 0) complain(`contents: calls without a result: ${waiting}`)
}
