"""OpenAI's own Python SDK against the running gateway, on the sandbox."""

import json

import openai
import pytest
from pydantic import BaseModel

MODEL = "sandbox"
WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}


class Animal(BaseModel):
    name: str
    legs: int


def user(content: str) -> list:
    return [{"role": "user", "content": content}]


def exactly(text: str) -> list:
    return user(f'Reply with exactly "{text}"')


def test_models_are_listed_and_retrieved(openai_client):
    assert "sandbox" in [model.id for model in openai_client.models.list()]
    assert openai_client.models.retrieve("sandbox").id == "sandbox"


def test_chat_answers_and_says_who_answered(openai_client):
    raw = openai_client.chat.completions.with_raw_response.create(model=MODEL, messages=exactly("ok"))
    completion = raw.parse()
    assert completion.choices[0].message.content == "ok"
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + completion.usage.completion_tokens
    assert raw.headers["dragoman-target"] == "sandbox/sandbox"
    assert completion._request_id == raw.headers["x-request-id"]


def test_chat_streams_plain(openai_client):
    stream = openai_client.chat.completions.create(model=MODEL, messages=exactly("one two three"), stream=True)
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "one two three"
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_chat_stream_helper(openai_client):
    with openai_client.chat.completions.stream(
        model=MODEL,
        messages=exactly("one two three"),
        stream_options={"include_usage": True},
    ) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        completion = stream.get_final_completion()
    assert "".join(deltas) == "one two three"
    assert completion.choices[0].message.content == "one two three"
    assert completion.usage.total_tokens > 3


def test_chat_tools_round_trip(openai_client):
    tools = [{"type": "function", "function": {**WEATHER, "strict": True}}]
    messages = user("What is the weather in Paris and in Oslo?")
    with openai_client.chat.completions.stream(model=MODEL, messages=messages, tools=tools) as stream:
        first = stream.get_final_completion().choices[0]
    calls = first.message.tool_calls
    assert first.finish_reason == "tool_calls"
    assert [json.loads(call.function.arguments) for call in calls] == [{"city": "Paris"}, {"city": "Oslo"}]
    turn = {
        "role": "assistant",
        "tool_calls": [
            {"id": call.id, "type": "function", "function": {"name": call.function.name, "arguments": call.function.arguments}}
            for call in calls
        ],
    }
    results = [
        {"role": "tool", "tool_call_id": call.id, "content": f"result {index}"} for index, call in enumerate(calls)
    ]
    second = openai_client.chat.completions.create(model=MODEL, messages=[*messages, turn, *results], tools=tools)
    assert "result 0" in second.choices[0].message.content
    assert "result 1" in second.choices[0].message.content


def test_chat_structured_output(openai_client):
    completion = openai_client.chat.completions.parse(
        model=MODEL, messages=user("Describe a horse"), response_format=Animal
    )
    assert isinstance(completion.choices[0].message.parsed, Animal)


def test_chat_structured_output_streamed(openai_client):
    with openai_client.chat.completions.stream(
        model=MODEL, messages=user("Describe a horse"), response_format=Animal
    ) as stream:
        assert isinstance(stream.get_final_completion().choices[0].message.parsed, Animal)


def test_responses_answer_and_stream(openai_client):
    response = openai_client.responses.create(model=MODEL, input='Reply with exactly "ok"')
    assert (response.status, response.output_text) == ("completed", "ok")
    with openai_client.responses.stream(model=MODEL, input='Reply with exactly "one two three"') as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert "".join(deltas) == final.output_text == "one two three"


def test_responses_structured_output(openai_client):
    parsed = openai_client.responses.parse(model=MODEL, input="Describe a horse", text_format=Animal)
    assert isinstance(parsed.output_parsed, Animal)
    with openai_client.responses.stream(model=MODEL, input="Describe a horse", text_format=Animal) as stream:
        assert isinstance(stream.get_final_response().output_parsed, Animal)


def test_responses_tools_round_trip(openai_client):
    tools = [{"type": "function", "strict": True, **WEATHER}]
    first = openai_client.responses.create(model=MODEL, input="What is the weather in Paris?", tools=tools)
    calls = [item for item in first.output if item.type == "function_call"]
    assert [json.loads(call.arguments) for call in calls] == [{"city": "Paris"}]
    second = openai_client.responses.create(
        model=MODEL,
        tools=tools,
        input=[
            *user("What is the weather in Paris?"),
            *first.output,
            {"type": "function_call_output", "call_id": calls[0].call_id, "output": "It is sunny, 21 degrees."},
        ],
    )
    assert "21 degrees" in second.output_text


def test_embeddings_by_default_and_as_numbers(openai_client):
    packed = openai_client.embeddings.create(model="sandbox-embedding", input=["one", "two"])
    plain = openai_client.embeddings.create(model="sandbox-embedding", input=["one", "two"], encoding_format="float")
    assert [len(entry.embedding) for entry in packed.data] == [1536, 1536]
    assert packed.data[0].embedding == pytest.approx(plain.data[0].embedding, abs=1e-6)


@pytest.mark.parametrize(
    ("model", "kind", "status"),
    [
        ("nobody", openai.NotFoundError, 404),
        ("sandbox/429", openai.RateLimitError, 429),
        ("sandbox/400", openai.BadRequestError, 400),
        ("sandbox/500", openai.InternalServerError, 500),
        ("sandbox/503", openai.InternalServerError, 503),
        ("sandbox/401", openai.InternalServerError, 502),
    ],
)
def test_errors_are_the_sdks_own_classes(openai_client, model, kind, status):
    for stream in (False, True):
        with pytest.raises(kind) as caught:
            openai_client.chat.completions.create(model=model, messages=user("Hello"), stream=stream)
        assert caught.value.status_code == status
        assert caught.value.request_id


def test_a_wrong_key_is_an_authentication_error(gateway):
    client = openai.OpenAI(base_url=f"{gateway.url}/v1", api_key="sk-wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        client.models.list()


def test_a_bad_parameter_is_named(openai_client):
    with pytest.raises(openai.BadRequestError) as caught:
        openai_client.chat.completions.create(model=MODEL, messages=user("Hello"), temperature=9)
    assert caught.value.param == "temperature"


def test_a_broken_stream_is_an_error_in_band(openai_client):
    with pytest.raises(openai.APIError):
        with openai_client.chat.completions.stream(model="sandbox/cut", messages=user("Hello")) as stream:
            stream.until_done()


def test_a_stream_can_be_left(openai_client):
    stream = openai_client.chat.completions.create(model="sandbox/long-20000", messages=user("Hello"), stream=True)
    next(iter(stream))
    stream.close()
    assert openai_client.chat.completions.create(model=MODEL, messages=exactly("ok")).choices[0].message.content == "ok"
