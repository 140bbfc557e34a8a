import { describe, expect, test } from 'bun:test'
import { chat, engine, events, post, type Read, say, streamed, time, weather } from './support.ts'

const respond = async (more: object = {}): Promise<Read> =>
  (await post('responses', { model: 'sandbox', input: 'Tell me something.', ...more })).json

const flat = ({ function: { name, description, parameters } }: typeof weather | typeof time) => ({
  type: 'function',
  name,
  description,
  parameters,
})

describe('a response', () => {
  test('has the keys of OpenAI’s, in their order, with their defaults', async () => {
    const { id, output, usage, ...rest } = await respond()
    expect(id).toMatch(/^resp_[0-9a-f]{50}$/)
    expect(rest).toEqual({
      object: 'response',
      created_at: 1_700_000_000,
      status: 'completed',
      background: false,
      completed_at: 1_700_000_000,
      error: null,
      frequency_penalty: 0,
      incomplete_details: null,
      instructions: null,
      max_output_tokens: null,
      max_tool_calls: null,
      model: 'sandbox',
      parallel_tool_calls: true,
      presence_penalty: 0,
      previous_response_id: null,
      prompt_cache_key: null,
      prompt_cache_retention: null,
      reasoning: { effort: null, summary: null },
      safety_identifier: null,
      service_tier: 'default',
      store: true,
      temperature: 1,
      text: { format: { type: 'text' }, verbosity: 'medium' },
      tool_choice: 'auto',
      tools: [],
      top_logprobs: 0,
      top_p: 1,
      truncation: 'disabled',
      user: null,
      metadata: {},
    })
    expect(output).toEqual([
      {
        id: expect.stringMatching(/^msg_[0-9a-f]{50}$/),
        type: 'message',
        status: 'completed',
        content: [{ type: 'output_text', annotations: [], logprobs: [], text: expect.any(String) }],
        role: 'assistant',
      },
    ])
    expect(usage).toEqual({
      input_tokens: usage.input_tokens,
      input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
      output_tokens: usage.output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: usage.input_tokens + usage.output_tokens,
    })
  })

  test('repeats what was asked for', async () => {
    const asked = {
      instructions: 'Be kind.',
      max_output_tokens: 50,
      max_tool_calls: 3,
      parallel_tool_calls: false,
      prompt_cache_key: 'k',
      safety_identifier: 's',
      store: false,
      temperature: 0.5,
      top_p: 0.25,
      truncation: 'auto',
      user: 'me',
      metadata: { a: 'b' },
      text: { format: { type: 'text' }, verbosity: 'low' },
    }
    expect(await respond(asked)).toMatchObject(asked)
  })

  test('repeats tools and formats in full', async () => {
    const format = { type: 'json_schema', name: 'x', schema: { type: 'object', properties: {} } }
    const custom = { type: 'custom', name: 'run', description: 'Runs.' }
    const { text, tools, tool_choice } = await respond({
      text: { format },
      tools: [flat(time), custom],
      tool_choice: { type: 'function', name: 'get_time' },
    })
    expect(text.format).toEqual({ ...format, description: null, strict: false })
    expect(tools).toEqual([
      { ...flat(time), strict: false },
      { ...custom, format: { type: 'text' } },
    ])
    expect(tool_choice).toEqual({ type: 'function', name: 'get_time' })
  })

  test('says the same as chat does to the same conversation', async () => {
    for (const question of ['Tell me something.', 'List three fruits', 'What is 7*6?']) {
      const { output, usage } = await respond({ input: question })
      const whole = (await chat(question)).json
      expect(output[0].content[0].text).toBe(whole.choices[0].message.content)
      expect(usage.input_tokens).toBe(whole.usage.prompt_tokens)
      expect(usage.output_tokens).toBe(whole.usage.completion_tokens)
    }
    const instructed = await respond({ instructions: 'Be kind.', input: 'Hello' })
    const messages = [
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'Hello' },
    ]
    const same = (await post('chat/completions', { model: 'sandbox', messages })).json
    expect(instructed.output[0].content[0].text).toBe(same.choices[0].message.content)
    expect(instructed.usage.input_tokens).toBe(same.usage.prompt_tokens)
  })

  test('counts a history of calls as chat does, and says the same to it', async () => {
    const call = { id: 'call_a', name: 'get_weather', arguments: '{"city":"Oslo"}' }
    const { id, ...rest } = call
    const messages = [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: 'One moment.', tool_calls: [{ id, type: 'function', function: rest }] },
      { role: 'tool', tool_call_id: id, content: 'snow' },
    ]
    const input = [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: 'One moment.' },
      { type: 'function_call', call_id: id, ...rest },
      { type: 'function_call_output', call_id: id, output: 'snow' },
    ]
    const { output, usage } = await respond({ input })
    const whole = (await post('chat/completions', { model: 'sandbox', messages })).json
    expect(output[0].content[0].text).toBe(whole.choices[0].message.content)
    expect(usage.input_tokens).toBe(whole.usage.prompt_tokens)
  })

  test('a string is one message of the user', async () => {
    const plain = await respond({ input: 'Hello' })
    for (const content of ['Hello', [{ type: 'input_text', text: 'Hello' }]]) {
      const same = await respond({ input: [{ role: 'user', content }] })
      expect(same.output[0].content).toEqual(plain.output[0].content)
    }
  })

  test('a limit makes it incomplete', async () => {
    const { status, incomplete_details, output, usage, completed_at } = await respond({
      max_output_tokens: 16,
    })
    expect({ status, incomplete_details, completed_at }).toEqual({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      completed_at: null,
    })
    expect(output[0].status).toBe('incomplete')
    expect(usage.output_tokens).toBe(16)
  })

  test('attachments are named', async () => {
    const content = [
      { type: 'input_text', text: 'Look.' },
      { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'auto' },
      { type: 'input_file', file_data: 'AAAA', filename: 'a.pdf' },
      { type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } },
    ]
    const { output } = await respond({ input: [{ role: 'user', content }] })
    expect(output[0].content[0].text).toContain('1 image (image/png), 1 audio clip (mp3) and 1 file (a.pdf)')
  })

  test('probabilities are included where they are asked for', async () => {
    const { output, top_logprobs } = await respond({
      include: ['message.output_text.logprobs'],
      top_logprobs: 2,
    })
    const { logprobs, text } = output[0].content[0]
    expect(logprobs.map((one: Read) => one.token).join('')).toBe(text)
    expect(logprobs[0].top_logprobs).toHaveLength(2)
    expect(top_logprobs).toBe(2)
  })

  test('an object for a schema, and an object for JSON', async () => {
    const schema = {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    }
    const format = { type: 'json_schema', name: 'x', schema, strict: true }
    const made = await respond({ input: 'I live in Oslo.', text: { format } })
    expect(JSON.parse(made.output[0].content[0].text)).toEqual({ city: 'Oslo' })
    const json = await respond({ input: 'JSON please', text: { format: { type: 'json_object' } } })
    expect(JSON.parse(json.output[0].content[0].text)).toBeObject()
  })
})

describe('reasoning', () => {
  const think = (more: object = {}) => respond({ model: 'sandbox-reasoning', ...more })

  test('is an item of its own, sealed, with a summary where one is asked for', async () => {
    const { output, reasoning, usage } = await think()
    expect(reasoning).toEqual({ effort: 'medium', summary: null })
    expect(output.map((item: Read) => item.type)).toEqual(['reasoning', 'message'])
    expect(output[0]).toEqual({
      id: expect.stringMatching(/^rs_[0-9a-f]{50}$/),
      type: 'reasoning',
      encrypted_content: expect.stringMatching(/^sandbox\./),
      summary: [],
    })
    expect(usage.output_tokens_details.reasoning_tokens).toBe(192)
    const short = await think({ reasoning: { effort: 'low', summary: 'auto' } })
    expect(short.output[0].summary).toHaveLength(1)
    expect(short.usage.output_tokens_details.reasoning_tokens).toBe(64)
    const long = await think({ reasoning: { summary: 'detailed' } })
    expect(long.output[0].summary).toHaveLength(3)
    expect(long.output[0].summary[0]).toEqual({ type: 'summary_text', text: expect.any(String) })
  })

  test('without effort there is none', async () => {
    const { output } = await think({ reasoning: { effort: 'none' } })
    expect(output.map((item: Read) => item.type)).toEqual(['message'])
  })

  test('may use up all the tokens', async () => {
    const { output, status, usage } = await think({ max_output_tokens: 20 })
    expect(output.map((item: Read) => item.type)).toEqual(['reasoning'])
    expect([status, usage.output_tokens]).toEqual(['incomplete', 20])
  })

  test('goes back and forth with what came of it', async () => {
    const question = { role: 'user', content: 'What is the weather in Oslo?' }
    const { output } = await think({ input: [question], tools: [flat(weather)] })
    const [thought, call] = output
    expect(call.type).toBe('function_call')
    const result = { type: 'function_call_output', call_id: call.call_id, output: 'snow' }
    const input = [question, thought, call, result]
    const answered = await think({ input, tools: [flat(weather)] })
    expect(answered.output[1].content[0].text).toContain('get_weather returned snow')
    const refused = await post('responses', { model: 'sandbox-reasoning', input: [question, call, result] })
    expect(refused.json.error.message).toBe(
      `Item '${call.id}' of type 'function_call' was provided without its required 'reasoning' item: '${thought.id}'.`,
    )
    const forged = { ...thought, encrypted_content: `${thought.encrypted_content.slice(0, -1)}_` }
    const broken = await post('responses', {
      model: 'sandbox-reasoning',
      input: [question, forged, call, result],
    })
    expect(broken.json.error.code).toBe('invalid_encrypted_content')
  })
})

describe('tools', () => {
  const tools = [flat(weather), flat(time)]
  const callsOf = ({ output }: Read): string[] =>
    output.filter((item: Read) => item.type === 'function_call').map((item: Read) => item.name)

  test('calls are items, with an id of the item and an id of the call', async () => {
    const { output, status } = await respond({ input: 'Weather and time in Oslo?', tools })
    expect(status).toBe('completed')
    expect(output).toEqual([
      {
        id: expect.stringMatching(/^fc_/),
        type: 'function_call',
        status: 'completed',
        arguments: '{"city":"Oslo"}',
        call_id: expect.stringMatching(/^call_/),
        name: 'get_weather',
      },
      expect.objectContaining({ name: 'get_time', arguments: '{"place":"Oslo"}' }),
    ])
    expect(output[0].call_id).not.toBe(output[1].call_id)
  })

  test.each([
    ['none', 'Weather in Oslo?', []],
    ['required', 'Hello', ['get_weather']],
    [{ type: 'function', name: 'get_time' }, 'Weather in Oslo?', ['get_time']],
    [
      { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_time' }] },
      'Weather?',
      ['get_time'],
    ],
    [
      { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'get_time' }] },
      'Weather?',
      [],
    ],
  ])('choice %p', async (tool_choice, input, names) => {
    expect(callsOf(await respond({ input, tools, tool_choice }))).toEqual(names)
  })

  test('not parallel means one at most', async () => {
    const input = 'Weather and time in Oslo?'
    expect(callsOf(await respond({ input, tools, parallel_tool_calls: false }))).toEqual(['get_weather'])
  })

  test('a custom tool is called with free text', async () => {
    const { output } = await respond({ input: 'run "ls"', tools: [{ type: 'custom', name: 'run' }] })
    expect(output[0]).toEqual({
      id: expect.stringMatching(/^ctc_/),
      type: 'custom_tool_call',
      status: 'completed',
      call_id: expect.stringMatching(/^call_/),
      input: 'ls',
      name: 'run',
    })
    const input = [
      { role: 'user', content: 'run "ls"' },
      output[0],
      {
        type: 'custom_tool_call_output',
        call_id: output[0].call_id,
        output: [{ type: 'input_text', text: 'a.txt' }],
      },
    ]
    const answered = await respond({ input })
    expect(answered.output[0].content[0].text).toContain('run returned a.txt')
  })

  test('an image is a result like any other', async () => {
    const input = [
      { role: 'user', content: 'draw' },
      { type: 'function_call', call_id: 'a', name: 'draw', arguments: '{}' },
      {
        type: 'function_call_output',
        call_id: 'a',
        output: [{ type: 'input_image', image_url: 'https://x.test/a.png' }],
      },
    ]
    expect((await respond({ input })).output[0].content[0].text).toContain('draw')
  })

  test('its own output is input', async () => {
    const first = await respond({ input: 'Hello' })
    const input = [{ role: 'user', content: 'Hello' }, ...first.output, { role: 'user', content: 'And now?' }]
    expect((await respond({ input })).output[0].content[0].text).toContain('message number 2')
  })
})

const kinds: readonly (readonly [string, object])[] = [
  ['text', {}],
  ['text cut by a limit', { max_output_tokens: 16 }],
  ['calls', { input: 'Weather and time in Oslo?', tools: [flat(weather), flat(time)] }],
  ['a call cut by a limit', { input: 'Weather in Oslo?', tools: [flat(weather)], model: 'sandbox/length-5' }],
  ['a custom call', { input: 'run it', tools: [{ type: 'custom', name: 'run' }] }],
  ['reasoning', { model: 'sandbox-reasoning' }],
  ['reasoning with a summary', { model: 'sandbox-reasoning', reasoning: { summary: 'detailed' } }],
  ['reasoning without an end', { model: 'sandbox-reasoning', max_output_tokens: 16 }],
  ['probabilities', { include: ['message.output_text.logprobs'], top_logprobs: 2 }],
  ['a refusal', { model: 'sandbox/refuse' }],
  ['citations', { model: 'sandbox/cites' }],
  ['filtered text', { model: 'sandbox/filter' }],
  ['rare characters', { model: 'sandbox/unicode' }],
  ['no word at all', { input: 'Reply with exactly x', model: 'sandbox' }],
]

/** The output as its events tell it: every event must fit what was added before it. */
function rebuild(told: Read[]): Read[] {
  const items: Read[] = []
  for (const event of told) {
    const item = items[event.output_index]
    if (event.item_id !== undefined) expect(event.item_id).toBe(item.id)
    const part = item?.content?.[event.content_index]
    const name = event.type.replace('response.', '')
    if (name === 'output_item.added') {
      expect(event.output_index).toBe(items.length)
      items.push(structuredClone(event.item))
    } else if (name === 'content_part.added') item.content.push(structuredClone(event.part))
    else if (name === 'output_text.delta') {
      part.text += event.delta
      part.logprobs.push(...event.logprobs)
    } else if (name === 'refusal.delta') part.refusal += event.delta
    else if (name === 'output_text.annotation.added') part.annotations.push(event.annotation)
    else if (name === 'function_call_arguments.delta') item.arguments += event.delta
    else if (name === 'custom_tool_call_input.delta') item.input += event.delta
    else if (name === 'reasoning_summary_part.added') item.summary.push(structuredClone(event.part))
    else if (name === 'reasoning_summary_text.delta') item.summary[event.summary_index].text += event.delta
    else if (name === 'output_text.done') expect(event.text).toBe(part.text)
    else if (name === 'refusal.done') expect(event.refusal).toBe(part.refusal)
    else if (name === 'content_part.done') expect(event.part).toEqual(part)
    else if (name === 'function_call_arguments.done') expect(event.arguments).toBe(item.arguments)
    else if (name === 'custom_tool_call_input.done') expect(event.input).toBe(item.input)
    else if (name === 'reasoning_summary_text.done')
      expect(event.text).toBe(item.summary[event.summary_index].text)
    else if (name === 'reasoning_summary_part.done')
      expect(event.part).toEqual(item.summary[event.summary_index])
    else if (name === 'output_item.done') {
      // What is only known at the end: the status, and the seal of the reasoning.
      const { encrypted_content } = event.item
      items[event.output_index] = {
        ...item,
        ...(encrypted_content && { encrypted_content }),
        status: event.item.status,
      }
      expect(items[event.output_index]).toEqual({ status: undefined, ...event.item })
    } else throw new Error(`an event that nobody expects: ${event.type}`)
  }
  return items
}

describe('a streamed response', () => {
  test.each(kinds.map(kind => [...kind]))('%s: the events tell the whole', async (_, more) => {
    const body = { model: 'sandbox', input: 'Tell me something.', ...(more as object) }
    const whole = (await post('responses', body, engine())).json
    const told = await streamed('responses', body, engine())
    expect(told.map((event: Read) => event.sequence_number)).toEqual([...told.keys()])
    const [created, progress] = [told.shift(), told.shift()]
    const last = told.pop()
    const begun = { ...whole, status: 'in_progress', output: [], usage: null, service_tier: 'auto' }
    expect(created.type).toBe('response.created')
    expect(created.response).toEqual({ ...begun, completed_at: null, incomplete_details: null })
    expect([progress.type, progress.response]).toEqual(['response.in_progress', created.response])
    expect(last.type).toBe(`response.${whole.status}`)
    expect(last.response).toEqual(whole)
    const strip = (items: Read[]) => JSON.parse(JSON.stringify(items))
    expect(strip(rebuild(told))).toEqual(whole.output)
  })

  test('every frame names its event', async () => {
    const { text } = await post('responses', { model: 'sandbox', input: 'hi', stream: true })
    for (const { name, data } of events(text)) expect(name).toBe(data.type)
    expect(text).not.toContain('[DONE]')
  })

  test('deltas are padded, unless they must not be', async () => {
    const told = await streamed('responses', { model: 'sandbox', input: 'hi' })
    const deltas = told.filter((event: Read) => event.type.endsWith('.delta'))
    for (const { delta, obfuscation } of deltas) expect((delta.length + obfuscation.length) % 16).toBe(0)
    for (const event of told) if (!deltas.includes(event)) expect(event).not.toHaveProperty('obfuscation')
    const bare = await streamed('responses', {
      model: 'sandbox',
      input: 'hi',
      stream_options: { include_obfuscation: false },
    })
    for (const event of bare) expect(event).not.toHaveProperty('obfuscation')
  })
})

describe('counting the input', () => {
  test.each([
    ['text', { input: 'Tell me something.' }],
    ['instructions', { input: 'Hello', instructions: 'Be kind.' }],
    ['tools', { input: 'Hello', tools: [flat(weather)] }],
    [
      'an image',
      {
        input: [
          {
            role: 'user',
            content: [{ type: 'input_image', image_url: 'https://x.test/a.png', detail: 'low' }],
          },
        ],
      },
    ],
  ])('%s: as the response itself counts it', async (_, more) => {
    const counted = await post('responses/input_tokens', { model: 'sandbox', ...more })
    expect(counted.json).toEqual({
      object: 'response.input_tokens',
      input_tokens: (await respond({ max_output_tokens: 16, ...more })).usage.input_tokens,
    })
  })
})

test('chat and responses share their words, not their ids', async () => {
  const sandbox = engine()
  const one = await post('responses', { model: 'sandbox', input: 'hi' }, sandbox)
  const two = await post('responses', { model: 'sandbox', input: 'hi' }, sandbox)
  expect(one.json.id).not.toBe(two.json.id)
  expect(one.json.output[0].content).toEqual(two.json.output[0].content)
  expect(await say('hi')).toBe(one.json.output[0].content[0].text)
})
