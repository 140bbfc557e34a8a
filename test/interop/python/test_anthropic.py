"""Anthropic's own Python SDK against the running gateway. No target here speaks Messages: everything is translated."""

import anthropic
import pytest
from pydantic import BaseModel

MODEL = "sandbox"
TOOLS = [
    {
        "name": "get_weather",
        "description": "The weather in a city.",
        "input_schema": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    }
]


class Animal(BaseModel):
    name: str
    legs: int


def ask(content: str) -> dict:
    return {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": content}]}


def exactly(text: str) -> dict:
    return ask(f'Reply with exactly "{text}"')


def test_messages_answer(anthropic_client):
    message = anthropic_client.messages.create(**exactly("ok"))
    assert message.stop_reason == "end_turn"
    assert [block.text for block in message.content] == ["ok"]
    assert message.usage.input_tokens > 0


def test_messages_stream_plain(anthropic_client):
    with anthropic_client.messages.create(**exactly("one two"), stream=True) as stream:
        kinds = [event.type for event in stream]
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"


def test_messages_stream_helper(anthropic_client):
    with anthropic_client.messages.stream(**exactly("one two three")) as stream:
        text = "".join(stream.text_stream)
        message = stream.get_final_message()
    assert text == "one two three"
    assert message.content[0].text == "one two three"
    assert message.usage.output_tokens > 0


def test_tools_round_trip_in_parallel(anthropic_client):
    request = {**ask("What is the weather in Paris and in Oslo?"), "tools": TOOLS}
    with anthropic_client.messages.stream(**request) as stream:
        first = stream.get_final_message()
    calls = [block for block in first.content if block.type == "tool_use"]
    assert first.stop_reason == "tool_use"
    assert [call.input for call in calls] == [{"city": "Paris"}, {"city": "Oslo"}]
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": f"result {index}"} for index, call in enumerate(calls)
    ]
    request["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    second = anthropic_client.messages.create(**request)
    assert "result 0" in second.content[0].text
    assert "result 1" in second.content[0].text


def test_structured_output(anthropic_client):
    message = anthropic_client.messages.parse(**ask("Describe a horse"), output_format=Animal)
    assert isinstance(message.parsed_output, Animal)


def test_thinking(anthropic_client):
    message = anthropic_client.messages.create(
        **{**ask("Hello"), "model": "sandbox-reasoning", "max_tokens": 4000},
        thinking={"type": "enabled", "budget_tokens": 1024},
    )
    assert message.content[-1].type == "text"


def test_tokens_are_counted(anthropic_client):
    counted = anthropic_client.messages.count_tokens(
        model=MODEL, messages=[{"role": "user", "content": "How many tokens are these?"}], tools=TOOLS
    )
    assert 10 < counted.input_tokens < 200


def test_models_are_listed(anthropic_client):
    assert "sandbox" in [model.id for model in anthropic_client.models.list()]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("nobody", anthropic.NotFoundError),
        ("sandbox/429", anthropic.RateLimitError),
        ("sandbox/400", anthropic.BadRequestError),
        ("sandbox/500", anthropic.InternalServerError),
        ("sandbox/529", anthropic.InternalServerError),
    ],
)
def test_errors_are_the_sdks_own_classes(anthropic_client, model, kind):
    for stream in (False, True):
        with pytest.raises(kind) as caught:
            anthropic_client.messages.create(**{**ask("Hello"), "model": model}, stream=stream)
        assert caught.value.body["type"] == "error"


def test_a_wrong_key_is_an_authentication_error(gateway):
    client = anthropic.Anthropic(base_url=gateway.url, api_key="sk-wrong", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError):
        client.messages.create(**ask("Hello"))


def test_a_broken_stream_is_an_error_event(anthropic_client):
    with pytest.raises(anthropic.APIError):
        with anthropic_client.messages.stream(**{**ask("Hello"), "model": "sandbox/cut"}) as stream:
            stream.until_done()
