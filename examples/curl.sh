#!/bin/sh
# Three dialects, one model, nothing but curl. Dragoman prints the two variables when it starts.
#
#   npm start                                  (in another terminal)
#   OPENAI_BASE_URL=http://127.0.0.1:4343/v1 OPENAI_API_KEY=... sh examples/curl.sh
set -eu

call() {
  curl --no-buffer --silent --show-error --fail-with-body "$OPENAI_BASE_URL/$1" \
    --header "authorization: Bearer $OPENAI_API_KEY" \
    --header 'content-type: application/json' \
    --data "$2"
  echo
}

echo '# Which models there are'
curl --silent --show-error --fail-with-body "$OPENAI_BASE_URL/models" --header "authorization: Bearer $OPENAI_API_KEY"
echo

echo '# OpenAI chat completions, streamed'
call chat/completions '{"model": "sandbox", "stream": true, "messages": [{"role": "user", "content": "Say \"hello\""}]}'

echo '# OpenAI Responses'
call responses '{"model": "sandbox", "input": "Say \"hello\""}'

echo '# Anthropic Messages, streamed'
call messages '{"model": "sandbox", "max_tokens": 100, "stream": true, "messages": [{"role": "user", "content": "Say \"hello\""}]}'

echo '# Embeddings'
call embeddings '{"model": "sandbox-embedding", "input": "hello", "dimensions": 4}'
