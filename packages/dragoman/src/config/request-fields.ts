/**
 * Top-level fields of the requests this version takes, over all dialects (openai 7.57.0 and @anthropic-ai/sdk 1.12.0
 * types): the names that `unsupported` may hold a policy for. A misspelt one would silently do nothing.
 */
export const requestFields: readonly string[] = `
  access_programs audio background cache_control container context_management conversation dimensions
  encoding_format frequency_penalty function_call functions image include inference_geo input instructions
  logit_bias logprobs max_completion_tokens max_output_tokens max_tokens max_tool_calls mcp_servers messages
  metadata modalities moderation n output_config output_format parallel_tool_calls prediction presence_penalty
  previous_response_id prompt prompt_cache_key prompt_cache_options prompt_cache_retention reasoning
  reasoning_effort response_format safety_identifier seed service_tier speed stop stop_sequences store stream
  stream_options system temperature text thinking tool_choice tools top_k top_logprobs top_p truncation user
  verbosity web_search_options`
  .trim()
  .split(/\s+/)
