// What the scripted model says, and how its chat template chooses: the last message names a script.

/**
 * A script is a list of tokens, each leading to the next and the last one to the end. No token may stand in two places,
 * because a token's only memory is itself: the same text is therefore cut differently in different scripts. A number is
 * a single byte.
 */
export const scripts = {
  say: ['Hello', ' from', ' a', ' tiny', ' scripted', ' model', '.'],
  tool: [
    ...['<tool_call>', '\n', '{"name', '": "', 'get_weather', '", "arg', 'uments', '": {"'],
    ...['city": ', '"Par', 'is', '"}', '}', '\n</', 'tool_call>'],
  ],
  tools2: [
    ...['<tool_call>\n', '{"na', 'me": "get_', 'weather"', ', "argum', 'ents": {"ci', 'ty": "Par', 'is"}}\n'],
    ...['</tool', '_call>\n', '<tool', '_call>', '\n{"nam', 'e": "get_time"', ', "arguments"', ': {"tz": "'],
    ...['UTC"}', '}\n</tool_', 'call>'],
  ],
  think: [
    ...['<think>', '\nLet', ' me', ' think', ' about', ' it', '.\n', '</think>'],
    ...['\n\nThe', ' answer', ' is', ' 42', '!'],
  ],
  // One emoji in four tokens of a byte each.
  emoji: ['Smile', ' ', 0xf0, 0x9f, 0x98, 0x80, ' done'],
  json: ['{"ans', 'wer": ', '42}'],
}

/** A script without an end: it goes round until the limit of tokens, or until somebody stops it. */
export const endless = { round: ['Round', ' and', ' around', ' we', ' go,'] }

/** Which words in the last message choose which script; the first that matches. Tools are called only where given. */
const choices = [
  ["'both tools' in last", 'tools2'],
  ["'tool' in last and tools", 'tool'],
  ["'think' in last", 'think'],
  ["'emoji' in last", 'emoji'],
  ["'json' in last", 'json'],
  ["'forever' in last", 'round'],
]

/** The control token that starts a script. */
export const starter = name => `<|${name}|>`

const chosen = `${choices
  .map(([test, name], index) => `{%- ${index === 0 ? 'if' : 'elif'} ${test} %}${starter(name)}`)
  .join('\n')}
{%- else %}${starter('say')}{%- endif %}`

/** In the shape of templates that the engine knows how to parse tool calls and reasoning for. */
export const chatTemplate = `{%- if tools %}<|im_start|>system
# Tools
You may call one or more functions. For each call return a json object inside <tool_call></tool_call> tags:
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
<|im_end|>
{%- endif %}
{%- for m in messages %}<|im_start|>{{ m.role }}
{%- if m.role == 'assistant' and m.reasoning_content %}
<think>
{{ m.reasoning_content }}
</think>
{% endif %}
{{ m.content if m.content is string else '' }}
{%- if m.tool_calls %}
{%- for tc in m.tool_calls %}
<tool_call>
{"name": "{{ tc.function.name }}", "arguments": {{ tc.function.arguments | tojson }}}
</tool_call>
{%- endfor %}
{%- endif %}<|im_end|>
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{%- set last = (messages | last).content %}
{%- set last = last if last is string else '' %}
${chosen}
{%- endif %}`
