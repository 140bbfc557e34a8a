"""Google's SDK against the running gateway, on the sandbox, which speaks OpenAI's dialects."""

from typing import Iterator

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel


class Animal(BaseModel):
    name: str
    legs: int


def get_weather(city: str) -> str:
    """The weather in a city."""
    return f"It is sunny in {city}, 21 degrees."


weather = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_weather",
            description="The weather in a city.",
            parameters=types.Schema(
                type="OBJECT", properties={"city": types.Schema(type="STRING")}, required=["city"]
            ),
        )
    ]
)


@pytest.fixture(scope="module", params=["v1", "v1beta"])
def client(request, gateway) -> Iterator[genai.Client]:
    options = types.HttpOptions(base_url=gateway.url, api_version=request.param)
    with genai.Client(api_key=gateway.key, http_options=options) as made:
        yield made


def test_generate(client):
    answer = client.models.generate_content(
        model="sandbox",
        contents='Reply with exactly "ok"',
        config=types.GenerateContentConfig(system_instruction="Be brief.", max_output_tokens=50),
    )
    assert answer.text == "ok"
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.usage_metadata.total_token_count > 0


def test_stream(client):
    chunks = list(client.models.generate_content_stream(model="sandbox", contents='Reply with exactly "one two three"'))
    assert "".join(chunk.text or "" for chunk in chunks) == "one two three"
    assert len(chunks) > 1
    assert chunks[-1].usage_metadata.total_token_count > 0


def test_tools_round_trip(client):
    question = types.Content(role="user", parts=[types.Part(text="What is the weather in Paris?")])
    config = types.GenerateContentConfig(tools=[weather])
    first = client.models.generate_content(model="sandbox", contents=[question], config=config)
    [call] = first.function_calls
    assert (call.name, call.args) == ("get_weather", {"city": "Paris"})
    result = types.Part(
        function_response=types.FunctionResponse(
            id=call.id, name=call.name, response={"result": get_weather(**call.args)}
        )
    )
    contents = [question, first.candidates[0].content, types.Content(role="user", parts=[result])]
    assert "21 degrees" in client.models.generate_content(model="sandbox", contents=contents, config=config).text


def test_automatic_function_calling(client):
    config = types.GenerateContentConfig(tools=[get_weather])
    answer = client.models.generate_content(
        model="sandbox", contents="What is the weather in Paris?", config=config
    )
    assert "21 degrees" in answer.text


def test_structured_output(client):
    config = types.GenerateContentConfig(response_mime_type="application/json", response_schema=Animal)
    answer = client.models.generate_content(model="sandbox", contents="Describe a horse", config=config)
    assert isinstance(answer.parsed, Animal)


def test_chat(client):
    chat = client.chats.create(model="sandbox")
    assert chat.send_message('Reply with exactly "one"').text == "one"
    assert chat.send_message('Reply with exactly "two"').text == "two"
    assert len(chat.get_history()) == 4


def test_count_tokens(client):
    assert client.models.count_tokens(model="sandbox", contents="How many tokens is this?").total_tokens > 3


def test_embed(client):
    answer = client.models.embed_content(model="sandbox-embedding", contents=["a cat", "steel"])
    assert [len(one.values) for one in answer.embeddings] == [1536, 1536]


def test_models(client):
    assert "models/sandbox" in [model.name for model in client.models.list()]


@pytest.mark.parametrize("model, status", [("nobody", 404), ("sandbox/429", 429), ("sandbox/500", 500)])
def test_errors(client, model, status):
    with pytest.raises(errors.APIError) as caught:
        client.models.generate_content(model=model, contents="Hello")
    assert caught.value.code == status
    assert caught.value.status
    assert caught.value.message
