"""The gateway as a process of its own."""

import json
import os
import re
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[3]
KEY = "sk-interop-local-key"

CONFIG = {
    "version": 1,
    "retry": {"attempts": 0},
    "models": {
        "text-embedding-3-small": "sandbox/sandbox-embedding",
        # Some frameworks take only names they know.
        "claude-*": "sandbox/sandbox",
        "gemini-*": "sandbox/sandbox",
        "gpt-*": "sandbox/sandbox",
    },
}


class Gateway(NamedTuple):
    """Where it is (without a path) and the key it takes."""

    url: str
    key: str


@contextmanager
def running(folder: Path, config: dict) -> Iterator[Gateway]:
    """A gateway of this configuration, with this folder for its data, until the block ends."""
    file = folder / "dragoman.yaml"
    file.write_text(json.dumps(config))  # YAML is a superset of JSON.
    main = ROOT / "packages" / "dragoman" / "src" / "cli" / "main.ts"
    command = ["node", str(ROOT / "scripts" / "bun.mjs"), str(main), "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--data-dir", str(folder), "--no-env", "--config", str(file)],
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
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running(tmp_path_factory.mktemp("gateway"), CONFIG) as started:
        yield started
