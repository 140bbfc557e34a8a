import type { MessageCreateParams } from '@anthropic-ai/sdk/resources/messages/messages'
import type { ConverseRequest } from '@aws-sdk/client-bedrock-runtime'
import type {
  Content,
  GenerateContentResponse,
  GenerationConfig,
  SafetySetting,
  ServiceTier,
  Tool,
  ToolConfig,
} from '@google/genai'
import type { ChatCompletionCreateParams } from 'openai/resources/chat/completions/completions'
import type { CompletionCreateParams } from 'openai/resources/completions'
import type { ResponseCreateParams, ResponseStreamEvent } from 'openai/resources/responses/responses'
// The package exports only its client: the request's type is reached by its file.
import type { V2ChatRequest } from './node_modules/cohere-ai/dist/api/resources/v2/client/requests/V2ChatRequest'

export type OpenaiChat = ChatCompletionCreateParams
export type OpenaiResponses = ResponseCreateParams
/** The events of a stream: those that begin and end it hold the whole answer. */
export type OpenaiResponsesEvent = ResponseStreamEvent
export type OpenaiCompletions = CompletionCreateParams
export type AnthropicMessages = MessageCreateParams
/** The body that `models.generateContent` writes: its parameters say `config` for what the wire has at the top. */
export interface Gemini {
  contents: Content[]
  systemInstruction?: Content
  tools?: Tool[]
  toolConfig?: ToolConfig
  safetySettings?: SafetySetting[]
  generationConfig?: GenerationConfig
  cachedContent?: string
  serviceTier?: ServiceTier
  store?: boolean
}
/** Whole, and one chunk of a stream; the SDK's class has getters and what it was called with besides. */
export type GeminiAnswer = Pick<
  GenerateContentResponse,
  'candidates' | 'createTime' | 'modelVersion' | 'promptFeedback' | 'responseId' | 'usageMetadata'
>
/** The model stands in the path. */
export type BedrockConverse = Omit<ConverseRequest, 'modelId'>
export type Cohere = V2ChatRequest
