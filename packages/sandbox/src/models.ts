import { type Fault, findFault } from './faults.ts'

export type Effort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max'

/** What a model of the sandbox is; its refusals follow from these facts and from no name. */
export interface Model {
  readonly id: string
  readonly kind: 'chat' | 'embedding'
  /** Tokens of prompt and answer together. */
  readonly context: number
  /** Tokens of one answer. */
  readonly output: number
  /** A reasoning model's efforts; null for a model that does not reason. */
  readonly efforts: readonly Effort[] | null
  /** Length of an embedding; 0 for a chat model. */
  readonly dimensions: number
  /** What goes wrong on purpose. */
  readonly fault: Fault | null
}

const CHAT: Model = {
  id: 'sandbox',
  kind: 'chat',
  context: 128_000,
  output: 32_768,
  efforts: null,
  dimensions: 0,
  fault: null,
}
const REASONING: Model = {
  ...CHAT,
  id: 'sandbox-reasoning',
  efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'],
}
const EMBEDDING: Model = {
  ...CHAT,
  id: 'sandbox-embedding',
  kind: 'embedding',
  context: 8192,
  output: 0,
  dimensions: 1536,
}

/** The models that `GET /v1/models` lists. The faults of faults.ts are models too, but nobody wants to meet one by chance. */
export const models: readonly Model[] = [
  CHAT,
  { ...CHAT, id: 'sandbox-mini', output: 4096 },
  REASONING,
  EMBEDDING,
  { ...EMBEDDING, id: 'sandbox-embedding-large', dimensions: 3072 },
]

/** 2026-01-01: the models have no birthday, and a listing must not change with the clock. */
export const MODELS_CREATED = 1_767_225_600

export function findModel(id: string): Model | null {
  const listed = models.find(model => model.id === id)
  if (listed) return listed
  const fault = findFault(id)
  if (!fault) return null
  const base = fault.kind === 'answer' && fault.change === 'think' ? REASONING : CHAT
  return { ...base, id, fault }
}
