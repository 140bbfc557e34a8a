import type { Note } from '../ir/note.ts'

/** Most bytes that notes may take in a header (DESIGN, contracts). */
const headerLimit = 2048

/** Text safe inside a structured-field string: visible ASCII, quotes and backslashes escaped. */
function quoted(text: string): string {
  let out = ''
  for (const character of text.replaceAll('’', "'")) {
    const code = character.codePointAt(0) ?? 0
    if (character === '"' || character === '\\') out += `\\${character}`
    else if (code >= 0x20 && code < 0x7f) out += character
    else out += code < 0x20 || code === 0x7f ? ' ' : '?'
  }
  return `"${out}"`
}

/** One note as an RFC 9651 list member: `dropped;path="user";reason="..."`. */
export function formatNote(note: Note): string {
  const cost = note.cost === undefined ? '' : `;cost=${Number(note.cost.toFixed(3))}`
  return `${note.kind};path=${quoted(note.path)};reason=${quoted(note.reason)}${cost}`
}

/** Notes as an RFC 9651 list of at most 2 KB; what does not fit is counted in a last member `more;count=N`. */
export function formatNotes(notes: readonly Note[]): string {
  let text = ''
  for (const [index, note] of notes.entries()) {
    const member = `${text === '' ? '' : ', '}${formatNote(note)}`
    if (text.length + member.length > headerLimit - 24) {
      return `${text}${text === '' ? '' : ', '}more;count=${notes.length - index}`
    }
    text += member
  }
  return text
}
