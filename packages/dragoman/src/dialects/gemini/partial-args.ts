import type { JsonObject, JsonValue } from '../../ir/json.ts'

/** A value that is being told piece by piece. Maps take any name, `__proto__` too (trap 48). */
type Node =
  | { readonly kind: 'object'; readonly members: Map<string, Node> }
  | { readonly kind: 'list'; readonly entries: Map<number, Node> }
  | { readonly kind: 'value'; value: JsonValue }

type Segment = string | number

/** Deepest path that is followed: deeper values could not be written again. */
const maxDepth = 64

const step = /\.([^.[\]]+)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y

/** `$.a.b[0]` to its steps; `isList` where it ends in `[]`, which tells that a list is there, and is over. */
function parsePath(path: string): { readonly segments: readonly Segment[]; readonly isList: boolean } {
  const isList = path.endsWith('[]')
  const text = isList ? path.slice(0, -2) : path
  const segments: Segment[] = []
  step.lastIndex = text.startsWith('$') ? 1 : 0
  while (step.lastIndex < text.length) {
    const from = step.lastIndex
    const match = step.exec(text)
    if (match === null) {
      // Whatever this is, it is somebody's name.
      segments.push(text.slice(from))
      break
    }
    const [, name, index, single, double] = match
    segments.push(index === undefined ? (name ?? unescaped(single ?? double ?? '')) : Number(index))
  }
  return { segments, isList }
}

const unescaped = (name: string): string => name.replace(/\\(.)/g, '$1')

/**
 * Arguments that come as values at paths (SDK 3.1.0 `PartialArg`, card 9): texts of one path are appended, a path without
 * a value is an empty object. They are gathered until the call ends, because only then is it known that no path comes
 * back to what was written: the JSON is that of the same call told whole (trap 47).
 */
export class PartialArguments {
  private readonly root: Node = { kind: 'object', members: new Map() }

  push(partial: JsonObject): void {
    const path = typeof partial.jsonPath === 'string' ? partial.jsonPath : '$'
    const { segments, isList } = parsePath(path)
    if (segments.length > maxDepth) return
    const value = readValue(partial)
    if (isList) descend(this.root, segments, { kind: 'list', entries: new Map() })
    else if (value === undefined) descend(this.root, segments, { kind: 'object', members: new Map() })
    else {
      const node = descend(this.root, segments, {
        kind: 'value',
        value: typeof value === 'string' ? '' : value,
      })
      if (node.kind !== 'value') return
      const isText = typeof value === 'string' && typeof node.value === 'string'
      node.value = isText ? `${node.value}${value}` : value
    }
  }

  /** Adds arguments that came whole. */
  assign(args: JsonObject): void {
    for (const [name, value] of Object.entries(args)) descend(this.root, [name], { kind: 'value', value })
  }

  write(): string {
    return JSON.stringify(toJson(this.root))
  }
}

function readValue(partial: JsonObject): JsonValue | undefined {
  const { stringValue, numberValue, boolValue } = partial
  if (Object.hasOwn(partial, 'nullValue')) return null
  return stringValue ?? numberValue ?? boolValue ?? undefined
}

/** The node at a path, with all containers on the way; `fresh` where nothing is there yet. */
function descend(root: Node, segments: readonly Segment[], fresh: Node): Node {
  let node = root
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]
    const made = next === undefined ? fresh : emptyFor(next)
    const child = childOf(node, segment, made)
    if (child === undefined) return fresh
    node = child
  }
  return node
}

const emptyFor = (segment: Segment): Node =>
  typeof segment === 'number' ? { kind: 'list', entries: new Map() } : { kind: 'object', members: new Map() }

/** A child, made where it is missing; undefined where the node is no container of such a kind. */
function childOf(node: Node, segment: Segment, made: Node): Node | undefined {
  if (node.kind === 'list' && typeof segment === 'number') return reach(node.entries, segment, made)
  if (node.kind === 'object') return reach(node.members, String(segment), made)
  return undefined
}

function reach<K>(children: Map<K, Node>, key: K, made: Node): Node {
  const known = children.get(key)
  if (known !== undefined) return known
  children.set(key, made)
  return made
}

function toJson(node: Node): JsonValue {
  switch (node.kind) {
    case 'value':
      return node.value
    case 'object':
      return Object.fromEntries([...node.members].map(([name, child]) => [name, toJson(child)]))
    case 'list': {
      // Holes close: an index nobody filled says nothing.
      const entries = [...node.entries].toSorted(([one], [other]) => one - other)
      return entries.map(([, child]) => toJson(child))
    }
  }
}
