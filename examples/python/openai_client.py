"""OpenAI's SDK for Python with nothing changed but where it points: Dragoman prints the two variables when it starts.

    npm start                                  (in another terminal)
    pip install openai
    OPENAI_BASE_URL=http://127.0.0.1:4343/v1 OPENAI_API_KEY=... python examples/python/openai_client.py
"""

import os

from openai import OpenAI
from pydantic import BaseModel

client = OpenAI()
model = os.environ.get("MODEL", "sandbox")


class Animal(BaseModel):
    name: str
    legs: int


# Chat, streamed.
with client.chat.completions.stream(
    model=model,
    messages=[{"role": "user", "content": "Count from 1 to 5, with commas."}],
) as stream:
    for event in stream:
        if event.type == "content.delta":
            print(event.delta, end="", flush=True)
print()

# An answer in a shape.
completion = client.chat.completions.parse(
    model=model,
    messages=[{"role": "user", "content": "Describe a horse."}],
    response_format=Animal,
)
print(repr(completion.choices[0].message.parsed))

# The Responses API on the same model, and who answered.
raw = client.responses.with_raw_response.create(model=model, input='Say "hello"')
print(raw.parse().output_text, f"(by {raw.headers['dragoman-target']})")
