import type { JsonObject } from '../../src/ir/json.ts'

export const said = (role: string, type: string, text: string, more: JsonObject = {}): JsonObject => ({
  type: 'message',
  role,
  content: [{ type, text, ...more }],
})

export const history = { annotations: [], logprobs: [] }
/** Bodies that come back as they are, but for `store: false`, which is always said. */
export const faithful: readonly (readonly [string, JsonObject])[] = [
  ['instructions', { instructions: 'Be kind.' }],
  [
    'a message of every role',
    {
      input: [
        said('system', 'input_text', 'a'),
        said('developer', 'input_text', 'b'),
        said('user', 'input_text', 'c'),
        said('assistant', 'output_text', 'd', history),
      ],
    },
  ],
  [
    'ids, status and phase of a history',
    {
      input: [
        {
          id: 'msg_1',
          status: 'completed',
          phase: 'commentary',
          ...said('assistant', 'output_text', 'x', history),
        },
        {
          id: 'msg_2',
          status: 'incomplete',
          phase: 'final_answer',
          ...said('assistant', 'output_text', 'y', history),
        },
        { id: 'msg_3', ...said('user', 'input_text', 'z') },
      ],
    },
  ],
  [
    'images',
    {
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_image', image_url: 'https://x.test/a.png', detail: 'low' },
            { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0=', detail: 'original' },
            { type: 'input_image', image_url: 'data:image/svg+xml,%3Csvg/%3E', detail: 'auto' },
            { type: 'input_image', file_id: 'file-1', detail: 'auto' },
          ],
        },
      ],
    },
  ],
  [
    'files',
    {
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf' },
            { type: 'input_file', file_data: 'data:application/pdf;name=a.pdf;base64,JVBERi0=' },
            { type: 'input_file', file_data: 'JVBERi0=', filename: 'bare.pdf' },
            { type: 'input_file', file_url: 'https://x.test/b.pdf' },
            { type: 'input_file', file_id: 'file-2', detail: 'high' },
          ],
        },
      ],
    },
  ],
  [
    'audio',
    {
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
            { type: 'input_audio', input_audio: { data: '//uQxA==', format: 'mp3' } },
          ],
        },
      ],
    },
  ],
  [
    'cache breakpoints',
    {
      input: [
        said('user', 'input_text', 'long', { prompt_cache_breakpoint: { mode: 'explicit', ttl: '30m' } }),
      ],
    },
  ],
  [
    'citations and log probabilities of a history',
    {
      input: [
        said('assistant', 'output_text', 'See [1].', {
          annotations: [
            { type: 'url_citation', url: 'https://x.test', title: 'X', start_index: 4, end_index: 7 },
            { type: 'file_citation', file_id: 'file-1', filename: 'a.txt', index: 3 },
            {
              type: 'container_file_citation',
              container_id: 'c',
              file_id: 'f',
              filename: 'n',
              start_index: 0,
              end_index: 1,
            },
            { type: 'file_path', file_id: 'file-2', index: 1 },
            { type: 'from_the_future', note: 'kept' },
          ],
          logprobs: [
            {
              token: 'S',
              bytes: [83],
              logprob: -0.1,
              top_logprobs: [{ token: 'T', bytes: [84], logprob: -2 }],
            },
          ],
        }),
      ],
    },
  ],
  [
    'refusals',
    {
      input: [{ type: 'message', role: 'assistant', content: [{ type: 'refusal', refusal: 'No.' }] }],
    },
  ],
  [
    'a picture that the assistant is said to have shown',
    {
      input: [
        {
          type: 'message',
          role: 'assistant',
          content: [
            { type: 'output_text', text: 'Look.', ...history },
            { type: 'input_image', file_id: 'file-1', detail: 'auto' },
          ],
        },
      ],
    },
  ],
  [
    'calls and their results',
    {
      input: [
        {
          type: 'function_call',
          id: 'fc_1',
          call_id: 'call_a',
          name: 'f',
          arguments: '{"x":1}',
          status: 'completed',
        },
        { type: 'function_call', call_id: 'call_b', name: 'g', arguments: '{}', namespace: 'n' },
        { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_c', name: 'sql', input: 'SELECT 1' },
        { type: 'function_call_output', call_id: 'call_a', output: 'sunny' },
        {
          type: 'function_call_output',
          call_id: 'call_b',
          id: 'fco_1',
          status: 'completed',
          output: [
            { type: 'input_text', text: 'see' },
            { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0=', detail: 'auto' },
            { type: 'input_file', file_id: 'file-1' },
          ],
        },
        { type: 'custom_tool_call_output', call_id: 'call_c', output: '1' },
      ],
    },
  ],
  [
    'reasoning',
    {
      input: [
        {
          type: 'reasoning',
          id: 'rs_1',
          summary: [
            { type: 'summary_text', text: 'First' },
            { type: 'summary_text', text: 'Then' },
          ],
          encrypted_content: 'gAAA',
        },
        {
          type: 'reasoning',
          id: 'rs_2',
          summary: [],
          content: [
            { type: 'reasoning_text', text: 'Hm' },
            { type: 'reasoning_text', text: 'so' },
          ],
          status: 'completed',
        },
        { type: 'reasoning', id: 'rs_3', summary: [], content: [], encrypted_content: null },
        {
          type: 'reasoning',
          id: 'rs_4',
          summary: [{ type: 'summary_text', text: '', note: 1 }],
          content: null,
        },
        { type: 'function_call', call_id: 'call_a', name: 'f', arguments: '{}' },
      ],
    },
  ],
  [
    'items of tools that a provider runs, and unknown ones',
    {
      input: [
        { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } },
        { type: 'mcp_approval_response', approval_request_id: 'mcpr_1', approve: true },
        { type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot', file_id: 'f' } },
        { type: 'compaction', id: 'cmp_1', encrypted_content: 'gAAA' },
        { type: 'from_the_future', id: 'x', deep: { kept: [1] } },
        { type: 'message', role: 'user', content: [{ type: 'input_hologram', url: 'x' }] },
      ],
    },
  ],
  [
    'tools',
    {
      tools: [
        { type: 'function', name: 'a', description: 'd', parameters: { type: 'object' }, strict: true },
        { type: 'function', name: 'b', parameters: null, strict: null, defer_loading: true },
        { type: 'function', name: 'c', strict: false },
        { type: 'function', name: 'd' },
        { type: 'custom', name: 'e', format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' } },
        { type: 'custom', name: 'f', format: { type: 'text' } },
        { type: 'web_search', search_context_size: 'low' },
        { type: 'mcp', server_label: 'l', server_url: 'https://x.test' },
        { type: 'namespace', name: 'n', description: 'd', tools: [] },
      ],
    },
  ],
  ['choice: none', { tool_choice: 'none' }],
  ['choice: required', { tool_choice: 'required' }],
  ['choice: one function', { tool_choice: { type: 'function', name: 'f' } }],
  ['choice: one custom tool', { tool_choice: { type: 'custom', name: 'f' } }],
  ['choice: a hosted tool', { tool_choice: { type: 'file_search' } }],
  ['choice: a tool of an MCP server', { tool_choice: { type: 'mcp', server_label: 'l', name: 't' } }],
  [
    'choice: an allowed subset',
    {
      tool_choice: {
        type: 'allowed_tools',
        mode: 'required',
        tools: [
          { type: 'function', name: 'f' },
          { type: 'mcp', server_label: 'l' },
          { type: 'image_generation' },
        ],
      },
    },
  ],
  ['text: plain', { text: { format: { type: 'text' }, verbosity: 'low' } }],
  ['text: a JSON object', { text: { format: { type: 'json_object' } } }],
  [
    'text: a schema',
    {
      text: {
        format: {
          type: 'json_schema',
          name: 'n',
          description: 'd',
          schema: { type: 'object' },
          strict: true,
        },
        verbosity: null,
      },
    },
  ],
  ['text: a format of another time', { text: { format: { type: 'sonnet', lines: 14 } } }],
  [
    'reasoning settings',
    { reasoning: { effort: 'high', summary: 'auto', context: 'all_turns', mode: 'pro' } },
  ],
  ['sampling', { temperature: 0, top_p: 0.5, max_output_tokens: 2, parallel_tool_calls: false }],
  ['log probabilities', { include: ['message.output_text.logprobs'], top_logprobs: 3 }],
  ['alternatives without log probabilities', { top_logprobs: 3 }],
  ['includes', { include: ['reasoning.encrypted_content', 'message.output_text.logprobs'] }],
  [
    'hints',
    {
      user: 'u',
      safety_identifier: 's',
      prompt_cache_key: 'k',
      service_tier: 'flex',
      metadata: { a: 'b' },
    },
  ],
  ['a stream', { stream: true, stream_options: { include_obfuscation: false } }],
  ['no stream, said aloud', { stream: false }],
  [
    'nulls, which are not absent',
    { temperature: null, metadata: null, previous_response_id: null, background: false },
  ],
  [
    'fields without a word in the model',
    {
      truncation: 'auto',
      max_tool_calls: 3,
      context_management: [{ type: 'compaction', compact_threshold: 1000 }],
      from_the_future: { kept: true },
    },
  ],
]
