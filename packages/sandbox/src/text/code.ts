import type { Random } from '../random.ts'
import type { Reading } from './reading.ts'
import { shorten } from './words.ts'

interface Language {
  readonly fence: string
  readonly named: RegExp
  readonly write: (line: string) => string
}

/** One line of text, printed in each language: `line` is a JSON string without its quotes. */
const LANGUAGES: readonly Language[] = [
  {
    fence: 'typescript',
    named: /\btypescript\b|\bts\b/i,
    write: line => `export function answer(): string {\n  return "${line}"\n}\n\nconsole.log(answer())`,
  },
  {
    fence: 'javascript',
    named: /\bjavascript\b|\bjs\b|\bnode(?:\.js)?\b/i,
    write: line => `function answer() {\n  return "${line}"\n}\n\nconsole.log(answer())`,
  },
  {
    fence: 'go',
    named: /\bgolang\b|\bin go\b|\bgo (?:code|program|function)\b/i,
    write: line => `package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("${line}")\n}`,
  },
  { fence: 'rust', named: /\brust\b/i, write: line => `fn main() {\n    println!("${line}");\n}` },
  {
    fence: 'java',
    named: /\bjava\b/i,
    write: line =>
      `public class Answer {\n    public static void main(String[] arguments) {\n        System.out.println("${line}");\n    }\n}`,
  },
  { fence: 'ruby', named: /\bruby\b/i, write: line => `puts "${line}"` },
  { fence: 'bash', named: /\b(?:bash|shell|sh)\b/i, write: line => `printf '%s\\n' "${line}"` },
  { fence: 'sql', named: /\bsql\b/i, write: line => `SELECT '${line.replaceAll("'", "''")}' AS answer;` },
  {
    fence: 'html',
    named: /\bhtml\b/i,
    write: line => `<p>${line.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</p>`,
  },
  { fence: 'css', named: /\bcss\b/i, write: () => 'p {\n  color: rebeccapurple;\n}' },
  {
    fence: 'c',
    named: /\bin c\b/i,
    write: line => `#include <stdio.h>\n\nint main(void) {\n    puts("${line}");\n}`,
  },
  {
    fence: 'python',
    named: /\bpython\b|\bpy\b/i,
    write: line => `def answer() -> str:\n    return "${line}"\n\n\nprint(answer())`,
  },
]

const ASKED =
  /\b(?:code|function|script|program|snippet|one-liner|hello world)\b[^.?!]{0,60}\b(?:in|for|using|that|to|which)\b|\b(?:write|show|give|create)\b[^.?!]{0,40}\b(?:code|function|script|program|snippet|query|page)\b/i

/** A fence in the language that was named (Python where none was), holding a program that prints the request. */
export function code(reading: Reading, random: Random): string | null {
  if (!ASKED.test(reading.said)) return null
  const language = LANGUAGES.find(one => one.named.test(reading.said)) ?? LANGUAGES.at(-1)
  if (!language) return null
  const line = JSON.stringify(shorten(reading.said, 60).replace(/[\\"`$]/g, '')).slice(1, -1)
  const opening = random.pick([
    'Here is a small program; it runs, but do not expect it to be clever:',
    'A deterministic engine writes deterministic code:',
    'This is as much as an engine without a mind can write:',
  ])
  return `${opening}\n\n\`\`\`${language.fence}\n${language.write(line)}\n\`\`\`\n\nIt was composed by the Dragoman sandbox, which is not an AI.`
}
