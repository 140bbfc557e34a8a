"""The same gateway as the SDKs' tests have; its folder is on the path."""

from running import gateway  # noqa: F401, the fixture is found by its name
