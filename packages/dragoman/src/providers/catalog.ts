import { anthropic } from './catalog/anthropic.ts'
import { azure } from './catalog/azure.ts'
import { bedrock } from './catalog/bedrock.ts'
import { cohere } from './catalog/cohere.ts'
import { dragoman } from './catalog/dragoman.ts'
import { google } from './catalog/google.ts'
import { hosted } from './catalog/hosted.ts'
import { litellm } from './catalog/litellm.ts'
import { llamacpp } from './catalog/llamacpp.ts'
import { lmstudio } from './catalog/lmstudio.ts'
import { localai } from './catalog/localai.ts'
import { mlxLm } from './catalog/mlx-lm.ts'
import { ollama } from './catalog/ollama.ts'
import { openai } from './catalog/openai.ts'
import { openaiCompatible } from './catalog/openai-compatible.ts'
import { sandbox } from './catalog/sandbox.ts'
import { sglang } from './catalog/sglang.ts'
import { tgi } from './catalog/tgi.ts'
import { vertex } from './catalog/vertex.ts'
import { vllm } from './catalog/vllm.ts'
import type { ProviderKind } from './provider.ts'

/** Every kind of upstream this version knows, by name. */
export const kinds: { readonly [kind: string]: ProviderKind } = Object.fromEntries(
  [
    openai,
    anthropic,
    bedrock,
    azure,
    vertex,
    google,
    cohere,
    ...hosted,
    openaiCompatible,
    ollama,
    lmstudio,
    llamacpp,
    vllm,
    sglang,
    tgi,
    localai,
    mlxLm,
    litellm,
    dragoman,
    sandbox,
  ].map(kind => [kind.kind, kind]),
)
