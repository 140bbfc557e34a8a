import type { ProviderKind } from '../provider.ts'
import { anyscale } from './anyscale.ts'
import { cerebras } from './cerebras.ts'
import { cloudflare } from './cloudflare.ts'
import { dashscope } from './dashscope.ts'
import { deepseek } from './deepseek.ts'
import { fireworks } from './fireworks.ts'
import { groq } from './groq.ts'
import { huggingface } from './huggingface.ts'
import { mistral } from './mistral.ts'
import { moonshot } from './moonshot.ts'
import { nvidia } from './nvidia.ts'
import { openrouter } from './openrouter.ts'
import { perplexity } from './perplexity.ts'
import { sambanova } from './sambanova.ts'
import { together } from './together.ts'
import { xai } from './xai.ts'
import { zhipu } from './zhipu.ts'

/** Systems that others host and that speak OpenAI's chat, each with its deviations. */
export const hosted: readonly ProviderKind[] = [
  mistral,
  groq,
  together,
  fireworks,
  openrouter,
  deepseek,
  xai,
  perplexity,
  cerebras,
  moonshot,
  zhipu,
  dashscope,
  sambanova,
  nvidia,
  huggingface,
  cloudflare,
  anyscale,
]
