/** The role as the wire had it, where it was another word than the usual one; null where it had none. */
export const roleMark = '$role'
/** The turn stood in one content with the turn before it. */
export const joinedMark = '$joined'
/** The turn was a content of its own, although the one before it had the same role. */
export const apartMark = '$apart'

/** Whose turn a content is; results of functions are turns of their own. */
export type Kind = 'user' | 'tool' | 'assistant'
