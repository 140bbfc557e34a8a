"""A scripted upstream that speaks three providers' wires, none of them Responses, and repeats what it was told."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Iterator, NamedTuple

# Who says this gets the first words, and the rest when the test lets it go on.
HOLD = "hold on"

Turns = list[tuple[str, str]]


def said(content: object) -> str:
    """The text of a turn, whether it is one string or parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def answer_to(turns: Turns) -> list[str]:
    """Everything that was said, in two pieces, the second of which is where a held answer waits."""
    return ["You said: ", " | ".join(f"{role}: {text}" for role, text in turns if role != "system")]


class Messages:
    path = "/v1/messages"

    @staticmethod
    def turns(body: dict) -> Turns:
        return [(turn["role"], said(turn["content"])) for turn in body["messages"]]

    @staticmethod
    def whole(pieces: list[str]) -> dict:
        return {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude",
            "content": [{"type": "text", "text": "".join(pieces)}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 3, "output_tokens": 2},
        }

    @classmethod
    def stream(cls, pieces: list[str]) -> list[dict]:
        start = {**cls.whole([]), "content": [], "stop_reason": None}
        return [
            {"type": "message_start", "message": start},
            {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
            *(
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}
                for piece in pieces
            ),
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}},
            {"type": "message_stop"},
        ]


class Gemini:
    path = "/v1beta/models/"

    @staticmethod
    def turns(body: dict) -> Turns:
        return [(turn["role"].replace("model", "assistant"), said(turn["parts"])) for turn in body["contents"]]

    @staticmethod
    def whole(pieces: list[str]) -> dict:
        return {
            "candidates": [
                {
                    "index": 0,
                    "content": {"role": "model", "parts": [{"text": "".join(pieces)}]},
                    "finishReason": "STOP",
                }
            ],
            "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5},
            "modelVersion": "gemini",
            "responseId": "response_1",
        }

    @classmethod
    def stream(cls, pieces: list[str]) -> list[dict]:
        chunks = [cls.whole([piece]) for piece in pieces]
        for chunk in chunks[:-1]:
            del chunk["candidates"][0]["finishReason"]
        return chunks


class Chat:
    path = "/v1/chat/completions"

    @staticmethod
    def turns(body: dict) -> Turns:
        return [(turn["role"], said(turn["content"])) for turn in body["messages"]]

    @staticmethod
    def _answer(kind: str, choice: dict) -> dict:
        return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "m", "choices": [{"index": 0, **choice}]}

    @classmethod
    def whole(cls, pieces: list[str]) -> dict:
        message = {"role": "assistant", "content": "".join(pieces), "refusal": None}
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
        return {**cls._answer("chat.completion", {"message": message, "finish_reason": "stop"}), "usage": usage}

    @classmethod
    def stream(cls, pieces: list[str]) -> list[dict]:
        deltas = [{"role": "assistant", "content": ""}, *({"content": piece} for piece in pieces)]
        return [
            *(cls._answer("chat.completion.chunk", {"delta": delta, "finish_reason": None}) for delta in deltas),
            cls._answer("chat.completion.chunk", {"delta": {}, "finish_reason": "stop"}),
        ]


WIRES = [Messages, Gemini, Chat]


class Upstream(NamedTuple):
    url: str
    release: threading.Event  # Set by a test to let held answers go on.
    left: threading.Event  # Set when somebody left a held answer.
    heard: list[Turns]  # The turns of every call, the newest last.


def handler_for(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            wire = next(wire for wire in WIRES if self.path.startswith(wire.path))
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            turns = wire.turns(body)
            upstream.heard.append(turns)
            pieces = answer_to(turns)
            hold = HOLD in turns[-1][1]
            if not (body.get("stream") or ":stream" in self.path):
                return self.answer("application/json", [json.dumps(wire.whole(pieces))], b" " if hold else b"")
            frames = [
                (f"event: {event['type']}\n" if "type" in event else "") + f"data: {json.dumps(event)}\n\n"
                for event in wire.stream(pieces)
            ]
            if wire is Chat:
                frames.append("data: [DONE]\n\n")
            return self.answer("text/event-stream", frames, b": waiting\n\n" if hold else b"")

        def answer(self, kind: str, frames: list[str], waiting: bytes) -> None:
            """Writes what means nothing while it waits, so as to hear of it when nobody reads any more."""
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("connection", "close")
            self.end_headers()
            try:
                for frame in frames:
                    if waiting and "user: " in frame:
                        while not upstream.release.wait(0.02):
                            self.wfile.write(waiting)
                            self.wfile.flush()
                    self.wfile.write(frame.encode())
                    self.wfile.flush()
            except OSError:
                upstream.left.set()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@contextmanager
def scripted() -> Iterator[Upstream]:
    """The upstream on a free port of the loopback, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    upstream = Upstream(url, threading.Event(), threading.Event(), [])
    server.RequestHandlerClass = handler_for(upstream)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield upstream
    finally:
        upstream.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
