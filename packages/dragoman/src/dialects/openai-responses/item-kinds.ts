/**
 * Whose word an item is. `spoken` ones have parts of the model of their own. A `trace` is what a provider left of its
 * own doing: another one answers without it, so that it may be dropped aloud. What is `kept` is the conversation
 * itself, said, done or compressed in this wire's words alone: without it the answer would be about something else, so
 * that other wires refuse it. A `reference` stands for an item that is stored elsewhere.
 */
export type ItemKind = 'spoken' | 'trace' | 'kept' | 'reference'

/**
 * Every `type` of the unions `ResponseInputItem`, `ResponseItem` and `ResponseOutputItem` of openai-node 7.57.0, and one
 * that was recorded and is in none. A type that is not here is carried as it is.
 */
const kinds = {
  message: 'spoken',
  reasoning: 'spoken',
  function_call: 'spoken',
  function_call_output: 'spoken',
  custom_tool_call: 'spoken',
  custom_tool_call_output: 'spoken',

  // Run by the provider.
  code_interpreter_call: 'trace',
  file_search_call: 'trace',
  image_generation_call: 'trace',
  mcp_call: 'trace',
  mcp_list_tools: 'trace',
  program: 'trace',
  program_output: 'trace',
  tool_search_call: 'trace',
  tool_search_output: 'trace',
  web_search_call: 'trace',
  x_search_call: 'trace',

  // Run by the client, on the wire's own terms.
  apply_patch_call: 'kept',
  apply_patch_call_output: 'kept',
  computer_call: 'kept',
  computer_call_output: 'kept',
  local_shell_call: 'kept',
  local_shell_call_output: 'kept',
  shell_call: 'kept',
  shell_call_output: 'kept',

  // Said by the client, or the conversation in another form.
  additional_tools: 'kept',
  compaction: 'kept',
  compaction_trigger: 'kept',
  configuration_update: 'kept',
  mcp_approval_request: 'kept',
  mcp_approval_response: 'kept',

  item_reference: 'reference',
} as const satisfies { readonly [type: string]: ItemKind }

/** Items that come from the client's side: what it says in its turn, or brings back from what it ran. */
const clients: ReadonlySet<string> = new Set([
  ...[
    'additional_tools',
    'compaction',
    'compaction_trigger',
    'configuration_update',
    'mcp_approval_response',
  ],
  ...['apply_patch_call_output', 'computer_call_output', 'local_shell_call_output', 'shell_call_output'],
])

/** Whose turn an item without parts of its own stands in. */
export const speakerOf = (type: string): 'user' | 'assistant' => (clients.has(type) ? 'user' : 'assistant')

export const itemKinds: ReadonlyMap<string, ItemKind> = new Map(Object.entries(kinds))
