"""LangChain's OpenAI classes against the running gateway, on the sandbox."""

import pytest
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel


class Animal(BaseModel):
    """An animal."""

    name: str
    legs: int


@tool
def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"It is sunny in {city}, 21 degrees."


@pytest.fixture(scope="module", params=[False, True], ids=["chat", "responses"])
def chat(request, gateway) -> ChatOpenAI:
    return ChatOpenAI(
        model="sandbox",
        base_url=f"{gateway.url}/v1",
        api_key=gateway.key,
        max_retries=0,
        use_responses_api=request.param,
    )


def test_invoke(chat):
    answer = chat.invoke('Reply with exactly "ok"')
    assert answer.text == "ok"
    assert answer.usage_metadata["total_tokens"] > 0


def test_stream(chat):
    assert "".join(chunk.text for chunk in chat.stream('Reply with exactly "one two three"')) == "one two three"


def test_tools_round_trip(chat):
    bound = chat.bind_tools([get_weather])
    question = HumanMessage("What is the weather in Paris?")
    first = bound.invoke([question])
    assert [(call["name"], call["args"]) for call in first.tool_calls] == [("get_weather", {"city": "Paris"})]
    results = [ToolMessage(get_weather.invoke(call["args"]), tool_call_id=call["id"]) for call in first.tool_calls]
    assert "21 degrees" in bound.invoke([question, first, *results]).text


@pytest.mark.parametrize("method", ["json_schema", "function_calling"])
def test_structured_output(chat, method):
    assert isinstance(chat.with_structured_output(Animal, method=method).invoke("Describe a horse"), Animal)


@pytest.mark.parametrize("model", ["sandbox-embedding", "text-embedding-3-small"])
def test_embeddings_sent_as_token_ids(gateway, tokenizer_tables, model):
    embeddings = OpenAIEmbeddings(model=model, base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0)
    vectors = embeddings.embed_documents(["a small cat", "a small cat", "the price of steel"])
    assert [len(vector) for vector in vectors] == [1536] * 3
    assert vectors[0] == pytest.approx(vectors[1])
    assert vectors[0] != pytest.approx(vectors[2])


def test_embeddings_sent_as_text(gateway):
    embeddings = OpenAIEmbeddings(
        model="sandbox-embedding",
        base_url=f"{gateway.url}/v1",
        api_key=gateway.key,
        check_embedding_ctx_length=False,
    )
    assert len(embeddings.embed_query("a small cat")) == 1536
