import { describe, expect, test } from 'bun:test'
import { chat, chatBody, post, type Read, time, user, weather } from './support.ts'

const message = async (content: unknown, more: object): Promise<Read> =>
  (await chat(content, more)).json.choices[0].message
const names = (one: Read): string[] => (one.tool_calls ?? []).map((call: Read) => call.function.name)
const inputs = (one: Read): Read[] =>
  (one.tool_calls ?? []).map((call: Read) => JSON.parse(call.function.arguments))

const calculator = {
  type: 'function',
  function: {
    name: 'calculate',
    parameters: {
      type: 'object',
      properties: {
        a: { type: 'number' },
        b: { type: 'number' },
        op: { type: 'string', enum: ['add', 'subtract', 'multiply'] },
      },
      required: ['a', 'b', 'op'],
    },
  },
}

describe('when a tool is called', () => {
  test('on the words that its name or its description has', async () => {
    const { json } = await chat('What is the weather in Paris?', { tools: [weather, time] })
    const [choice] = json.choices
    expect(choice.finish_reason).toBe('tool_calls')
    expect(choice.message).toMatchObject({ content: null, refusal: null })
    expect(names(choice.message)).toEqual(['get_weather'])
    expect(choice.message.tool_calls[0].id).toMatch(/^call_[A-Za-z0-9]{24}$/)
    expect(choice.message.tool_calls[0].type).toBe('function')
  })

  test('not on other words', async () => {
    const { json } = await chat('Tell me a story about a dog.', { tools: [weather, time] })
    expect(json.choices[0].finish_reason).toBe('stop')
    expect(json.choices[0].message).not.toHaveProperty('tool_calls')
  })

  test('on its name after the word call', async () => {
    expect(names(await message('Please call get_time', { tools: [weather, time] }))).toEqual(['get_time'])
  })

  test('never where none may be, even when it is named', async () => {
    const more = { tools: [weather], tool_choice: 'none' }
    expect(names(await message('call get_weather', more))).toEqual([])
  })

  test('always where one must be', async () => {
    const more = { tools: [time, weather], tool_choice: 'required' }
    expect(names(await message('Tell me a story.', more))).toEqual(['get_time'])
    expect(names(await message('How is the weather?', more))).toEqual(['get_weather'])
  })

  test('exactly the one that is named', async () => {
    const more = {
      tools: [time, weather],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
    }
    const { json } = await chat('What time is it?', more)
    expect(names(json.choices[0].message)).toEqual(['get_weather'])
    expect(json.choices[0].finish_reason).toBe('tool_calls')
  })

  test.each([
    ['required', 'What is the weather?', ['get_time']],
    ['auto', 'What is the weather?', []],
    ['auto', 'What time is it?', ['get_time']],
  ])('only one of the allowed ones, %s: %s', async (mode, question, called) => {
    const tools = [{ type: 'function', function: { name: 'get_time' } }]
    const more = {
      tools: [weather, time],
      tool_choice: { type: 'allowed_tools', allowed_tools: { mode, tools } },
    }
    expect(names(await message(question, more))).toEqual(called)
  })

  test('both where both relate, unless calls must not be parallel', async () => {
    const question = 'What are the weather and the time in Oslo?'
    const both = await message(question, { tools: [weather, time] })
    expect(names(both)).toEqual(['get_weather', 'get_time'])
    expect(new Set(both.tool_calls.map((call: Read) => call.id)).size).toBe(2)
    const one = await message(question, { tools: [weather, time], parallel_tool_calls: false })
    expect(names(one)).toEqual(['get_weather'])
  })

  test('once for each of several places', async () => {
    const both = await message('Weather in Paris and New York?', { tools: [weather] })
    expect(inputs(both)).toEqual([{ city: 'Paris' }, { city: 'New York' }])
    const listed = await message('Paris, Rome and Oslo: how is the weather?', { tools: [weather] })
    expect(inputs(listed)).toEqual([{ city: 'Paris' }, { city: 'Rome' }, { city: 'Oslo' }])
    const one = await message('Weather in Paris and New York?', {
      tools: [weather],
      parallel_tool_calls: false,
    })
    expect(inputs(one)).toEqual([{ city: 'Paris' }])
  })

  test('declaring tools costs tokens', async () => {
    const tokens = async (more: object) => (await chat('hi', more)).json.usage.prompt_tokens
    expect(await tokens({ tools: [weather] })).toBeGreaterThan((await tokens({})) + 15)
  })
})

describe('what a tool is called with', () => {
  test.each([
    ['What is the weather in Paris?', { city: 'Paris' }],
    ['weather in paris in fahrenheit please', { city: 'paris', unit: 'fahrenheit' }],
    ['Will the weather in Rio De Janeiro be good? In celsius.', { city: 'Rio De Janeiro', unit: 'celsius' }],
  ])('%s', async (question, input) => {
    expect(inputs(await message(question, { tools: [weather] }))).toEqual([input])
  })

  test('numbers and words go where they belong', async () => {
    const made = await message('call calculate to multiply 6 with 7.5', { tools: [calculator] })
    expect(inputs(made)).toEqual([{ a: 6, b: 7.5, op: 'multiply' }])
  })

  test('arguments that are written out are taken as they are', async () => {
    const made = await message('call get_weather {"city": "São Paulo \\"x\\"", "extra": [1]}', {
      tools: [weather],
    })
    expect(inputs(made)).toEqual([{ city: 'São Paulo "x"', extra: [1] }])
  })

  test('a function without parameters gets an empty object', async () => {
    const tools = [{ type: 'function', function: { name: 'ping' } }]
    const made = await message('ping', { tools })
    expect(made.tool_calls[0].function.arguments).toBe('{}')
  })

  test('a custom tool gets the words, or what its expression allows', async () => {
    const custom = (format?: object) => ({ tools: [{ type: 'custom', custom: { name: 'run_sql', format } }] })
    const free = await message('call run_sql on "SELECT 1"', custom())
    expect(free.tool_calls[0]).toMatchObject({
      type: 'custom',
      custom: { name: 'run_sql', input: 'SELECT 1' },
    })
    const grammar = { syntax: 'regex', definition: 'SELECT \\d{3} FROM [a-c]+' }
    const bound = await message('call run_sql', custom({ type: 'grammar', grammar }))
    expect(bound.tool_calls[0].custom.input).toMatch(/^SELECT \d{3} FROM [a-c]+$/)
  })

  test('a limit that cuts the arguments is a limit, not a call', async () => {
    const { json } = await chat('What is the weather in Paris?', { tools: [weather], max_tokens: 5 })
    const [choice] = json.choices
    expect(choice.finish_reason).toBe('length')
    expect(json.usage.completion_tokens).toBe(5)
    expect(choice.message.tool_calls[0].function.arguments).toBe('{"city":"')
  })

  test('a limit before the name leaves an empty answer', async () => {
    const { json } = await chat('What is the weather in Paris?', { tools: [weather], max_tokens: 1 })
    expect(json.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: '' } })
    expect(json.usage.completion_tokens).toBe(1)
  })
})

describe('the round trip', () => {
  const round = async (content: string, more: object = {}) => {
    const first = (await chat('Weather and time in Oslo?', { tools: [weather, time] })).json.choices[0]
      .message
    const results = first.tool_calls.map((call: Read, at: number) => ({
      role: 'tool',
      tool_call_id: call.id,
      content: at === 0 ? content : '12:30',
    }))
    const messages = [user('Weather and time in Oslo?'), first, ...results.toReversed()]
    return (await post('chat/completions', { model: 'sandbox', messages, tools: [weather, time], ...more }))
      .json.choices[0]
  }

  test('the answer uses the results, and calls no more', async () => {
    const { message: answer, finish_reason } = await round('{"sky":"clear","wind_speed":7}')
    expect(finish_reason).toBe('stop')
    expect(answer.content).toContain('get_weather returned sky clear, wind speed 7')
    expect(answer.content).toContain('get_time returned 12:30')
    expect(answer.content).toContain('not an AI')
  })

  test('it works without declaring the tools again', async () => {
    expect((await round('rain', { tools: null })).message.content).toContain('rain')
  })

  test('a call that is required is made again', async () => {
    expect((await round('rain', { tool_choice: 'required' })).finish_reason).toBe('tool_calls')
  })

  test('an object can be asked for in the end', async () => {
    const response_format = { type: 'json_object' }
    const { message: answer } = await round('rain in json', { response_format })
    expect(JSON.parse(answer.content)).toBeObject()
  })
})

describe('the deprecated functions', () => {
  const functions = [weather.function]

  test('are called one at a time, with a reason of their own', async () => {
    const { json } = await chat('Weather in Paris and London?', { functions })
    expect(json.choices[0].finish_reason).toBe('function_call')
    expect(json.choices[0].message.function_call).toEqual({
      name: 'get_weather',
      arguments: '{"city":"Paris"}',
    })
    expect(json.choices[0].message).not.toHaveProperty('tool_calls')
  })

  test('are forced and forbidden like tools', async () => {
    const forced = await message('Hello', { functions, function_call: { name: 'get_weather' } })
    expect(forced.function_call.name).toBe('get_weather')
    const none = await message('Weather in Paris?', { functions, function_call: 'none' })
    expect(none).not.toHaveProperty('function_call')
  })

  test('their result is used', async () => {
    const messages = [
      user('Weather in Paris?'),
      { role: 'assistant', content: null, function_call: { name: 'get_weather', arguments: '{}' } },
      { role: 'function', name: 'get_weather', content: 'rain' },
    ]
    const { json } = await post('chat/completions', { model: 'sandbox', messages, functions })
    expect(json.choices[0].message.content).toContain('get_weather returned rain')
  })
})

test('a body that asks for tools is a body like any other', async () => {
  expect(
    (await post('chat/completions', chatBody('hi', { tools: [weather], n: 2 }))).json.choices,
  ).toHaveLength(2)
})
