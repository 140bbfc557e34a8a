/**
 * Lines that clients put into the system prompt for one provider's own bookkeeping. They differ from request to
 * request, so that for everybody else they only destroy the prefix cache (ruling 11: seen from Claude Code).
 */
export const volatilePromptLines: readonly RegExp[] = [/^x-anthropic-billing-header:[^\n]*\n?/]
