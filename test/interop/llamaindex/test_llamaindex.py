"""LlamaIndex's OpenAI classes (chat and Responses) and its Anthropic and Google ones against the running gateway."""

import pytest
from google.genai.types import HttpOptions
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.google_genai import GoogleGenAI
from llama_index.llms.openai import OpenAIResponses
from llama_index.llms.openai_like import OpenAILike


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"It is sunny in {city}, 21 degrees."


weather = FunctionTool.from_defaults(get_weather)


def chat(gateway):
    return OpenAILike(
        model="sandbox",
        api_base=f"{gateway.url}/v1",
        api_key=gateway.key,
        is_chat_model=True,
        is_function_calling_model=True,
        max_retries=0,
    )


def completions(gateway):
    """LlamaIndex takes a model it does not know for one that completes text: the legacy route."""
    return OpenAILike(model="sandbox", api_base=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0)


def responses(gateway):
    return OpenAIResponses(
        model="gpt-4o", api_base=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0, context_window=8192
    )


def messages(gateway):
    return Anthropic(model="claude-sonnet-4-5", base_url=gateway.url, api_key=gateway.key, max_retries=0)


def gemini(gateway):
    return GoogleGenAI(
        model="gemini-2.5-flash",
        api_key=gateway.key,
        http_options=HttpOptions(base_url=gateway.url),
        context_window=8192,
        max_tokens=512,
        max_retries=0,
    )


makers = [chat, completions, responses, messages, gemini]
callers = [chat, responses, messages, gemini]


@pytest.mark.parametrize("make", makers)
def test_complete(make, gateway):
    assert make(gateway).complete('Reply with exactly "ok"').text.strip() == "ok"


@pytest.mark.parametrize("make", makers)
def test_stream(make, gateway):
    deltas = [chunk.delta or "" for chunk in make(gateway).stream_complete('Reply with exactly "one two three"')]
    assert "".join(deltas).strip() == "one two three"


@pytest.mark.parametrize("make", callers)
def test_chat(make, gateway):
    question = ChatMessage(role="user", content='Reply with exactly "ok"')
    answer = make(gateway).chat([ChatMessage(role="system", content="Be brief."), question])
    assert answer.message.content.strip() == "ok"


@pytest.mark.parametrize("make", callers)
def test_tools(make, gateway):
    llm = make(gateway)
    answer = llm.chat_with_tools([weather], user_msg="What is the weather in Paris?")
    calls = llm.get_tool_calls_from_response(answer)
    assert [(call.tool_name, call.tool_kwargs) for call in calls] == [("get_weather", {"city": "Paris"})]


@pytest.mark.parametrize("make", callers)
def test_predict_and_call(make, gateway):
    answer = make(gateway).predict_and_call([weather], user_msg="What is the weather in Paris?")
    assert "21 degrees" in str(answer)


def test_embeddings(gateway):
    embeddings = OpenAIEmbedding(
        model_name="sandbox-embedding", api_base=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0
    )
    [one, other] = embeddings.get_text_embedding_batch(["a cat", "steel"])
    assert len(one) == len(other) == 1536
