"""OpenAI's own Python SDK: responses with state, on targets of other dialects, which have none."""

import time
from typing import Iterator

import openai
import pytest
from running import running
from upstream import HOLD, Upstream, scripted

MODELS = ["claude/claude-sonnet-4-5", "google/gemini-2.5-flash", "lab/any"]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with scripted() as started:
        yield started


@pytest.fixture(scope="module")
def client(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    config = {
        "version": 1,
        "retry": {"attempts": 0},
        "providers": {
            "claude": {"kind": "anthropic", "base_url": upstream.url, "api_key": "x"},
            "google": {"kind": "google", "base_url": f"{upstream.url}/v1beta", "api_key": "x"},
            "lab": {"kind": "openai-compatible", "base_url": f"{upstream.url}/v1", "api_key": "x"},
        },
    }
    with running(tmp_path_factory.mktemp("stateful"), config) as gateway:
        with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0) as made:
            yield made


@pytest.fixture(params=MODELS)
def model(request, upstream: Upstream) -> str:
    upstream.release.clear()
    upstream.left.clear()
    return request.param


def settled(client: openai.OpenAI, id: str):
    """Polls as the guide for background mode does."""
    deadline = time.monotonic() + 30
    while (response := client.responses.retrieve(id)).status in ("queued", "in_progress"):
        assert time.monotonic() < deadline, "the response never ended"
        time.sleep(0.02)
    return response


def test_retrieve_gives_what_create_gave(client, model):
    made = client.responses.create(model=model, input="Hi", instructions="Be brief.", metadata={"a": "b"})
    assert made.output_text == "You said: user: Hi"
    assert client.responses.retrieve(made.id).to_dict() == made.to_dict()


def test_background_is_polled_to_its_end(client, model, upstream):
    queued = client.responses.create(model=model, input=HOLD, background=True)
    assert (queued.status, queued.background, queued.output) == ("queued", True, [])
    assert client.responses.retrieve(queued.id).status in ("queued", "in_progress")
    upstream.release.set()
    done = settled(client, queued.id)
    assert (done.id, done.status, done.output_text) == (queued.id, "completed", f"You said: user: {HOLD}")


def test_a_background_stream_is_left_and_resumed(client, model, upstream):
    cursor, id, text = -1, "", ""
    with client.responses.create(model=model, input=HOLD, background=True, stream=True) as stream:
        for event in stream:
            cursor = event.sequence_number
            if event.type == "response.created":
                id = event.response.id
            if event.type == "response.output_text.delta":
                text += event.delta
                break
    assert text == "You said: "
    assert client.responses.retrieve(id).status == "in_progress"
    upstream.release.set()
    numbers = []
    with client.responses.retrieve(id, stream=True, starting_after=cursor) as stream:
        for event in stream:
            numbers.append(event.sequence_number)
            if event.type == "response.output_text.delta":
                text += event.delta
    assert numbers == list(range(cursor + 1, cursor + 1 + len(numbers)))
    assert event.type == "response.completed"
    assert event.response.output_text == text == f"You said: user: {HOLD}"


def test_the_stream_helper_resumes_too(client, model):
    made = client.responses.create(model=model, input="Hi")
    with client.responses.stream(response_id=made.id, starting_after=2) as stream:
        final = stream.get_final_response()
    assert (final.id, final.status, final.output_text) == (made.id, "completed", made.output_text)


def test_the_stream_helper_in_the_background(client, model, upstream):
    upstream.release.set()
    with client.responses.stream(model=model, input=HOLD, background=True) as stream:
        final = stream.get_final_response()
    assert (final.status, final.output_text) == ("completed", f"You said: user: {HOLD}")


def test_cancel_ends_the_upstream_call_too(client, model, upstream):
    queued = client.responses.create(model=model, input=HOLD, background=True)
    while client.responses.retrieve(queued.id).status == "queued":
        time.sleep(0.02)
    cancelled = client.responses.cancel(queued.id)
    assert (cancelled.id, cancelled.status) == (queued.id, "cancelled")
    assert upstream.left.wait(10)
    assert client.responses.retrieve(queued.id).status == "cancelled"
    assert client.responses.cancel(queued.id).status == "cancelled"


def test_only_background_work_is_cancelled(client, model):
    made = client.responses.create(model=model, input="Hi")
    with pytest.raises(openai.BadRequestError):
        client.responses.cancel(made.id)


def test_a_deleted_response_is_gone(client, model):
    made = client.responses.create(model=model, input="Hi")
    assert client.responses.delete(made.id) is None
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.delete(made.id)


def test_input_items_are_listed_in_pages(client, model):
    made = client.responses.create(
        model=model, input=[{"role": "user", "content": text} for text in ("One.", "Two.", "Three.")]
    )
    page = client.responses.input_items.list(made.id, limit=2, order="asc")
    assert page.has_more
    assert [item.content[0].text for item in page.data] == ["One.", "Two."]
    every = list(client.responses.input_items.list(made.id, limit=2))
    assert [item.content[0].text for item in every] == ["Three.", "Two.", "One."]


def test_previous_response_id_is_the_conversation(client, model, upstream):
    first = client.responses.create(model=model, input="I am Ada.", instructions="Be brief.")
    second = client.responses.create(model=model, input="Who am I?", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    assert upstream.heard[-1] == [
        ("user", "I am Ada."),
        ("assistant", "You said: user: I am Ada."),
        ("user", "Who am I?"),
    ]


def test_an_unknown_previous_response_is_refused_before_anybody_is_asked(client, model, upstream):
    calls = len(upstream.heard)
    for options in ({}, {"stream": True}, {"background": True}):
        with pytest.raises(openai.BadRequestError) as caught:
            client.responses.create(model=model, input="x", previous_response_id="resp_none", **options)
        assert caught.value.code == "previous_response_not_found"
        assert caught.value.param == "previous_response_id"
    assert len(upstream.heard) == calls


def test_conversations_remember(client, model, upstream):
    conversation = client.conversations.create(
        items=[{"type": "message", "role": "user", "content": "I am Ada."}], metadata={"a": "b"}
    )
    made = client.responses.create(model=model, input="Who am I?", conversation=conversation.id)
    assert made.conversation.id == conversation.id
    # Some targets take two turns of one role only as one.
    assert "".join(text for _, text in upstream.heard[-1]) == "I am Ada.Who am I?"
    client.responses.create(model=model, input="And now?", conversation=conversation.id)
    assert ("assistant", made.output_text) in upstream.heard[-1]
    items = list(client.conversations.items.list(conversation.id, order="asc"))
    assert [item.role for item in items] == ["user", "user", "assistant", "user", "assistant"]
    added = client.conversations.items.create(
        conversation.id, items=[{"type": "message", "role": "user", "content": "One more."}]
    )
    found = client.conversations.items.retrieve(added.data[0].id, conversation_id=conversation.id)
    assert found.content[0].text == "One more."
    client.conversations.items.delete(found.id, conversation_id=conversation.id)
    with pytest.raises(openai.NotFoundError):
        client.conversations.items.retrieve(found.id, conversation_id=conversation.id)
    assert client.conversations.update(conversation.id, metadata={"c": "d"}).metadata == {"c": "d"}
    assert client.conversations.retrieve(conversation.id).metadata == {"c": "d"}
    assert client.conversations.delete(conversation.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model=model, input="x", conversation=conversation.id)


def test_what_is_not_stored_is_not_found(client, model):
    made = client.responses.create(model=model, input="Hi", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model=model, input="Hi", background=True, store=False)
