"""The one place that reaches into the SDK: when the pinned version moves, look at it again."""

from importlib.metadata import version
from typing import Any

import pytest

from pinekeep.emulator.stand_in import PineconeStandIn
from pinekeep.errors import PinekeepError
from pinekeep.pinecone import sdk
from pinekeep.pinecone.credentials import ServiceAccount


def test_the_sdk_is_the_version_whose_inside_is_known() -> None:
    assert version("pinecone") == sdk.KNOWN_VERSION


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch, account: ServiceAccount) -> None:
    monkeypatch.setattr(sdk, "version", lambda _: "11.0.0")
    with pytest.raises(PinekeepError) as caught:
        sdk.make_admin(account)
    assert caught.value.message == "version 10.2.0 of Pinecone's SDK is needed, 11.0.0 is installed"


def test_the_client_for_administration_sends_once_and_waits_as_long_as_it_is_told(account: ServiceAccount) -> None:
    with sdk.make_admin(account, seconds=3) as admin:
        http: Any = admin._http
        assert http._client._transport._config.max_retries == 0
        assert http._config.timeout == 3
        assert set(http._default_timeout_extensions["timeout"].values()) == {3}


def test_it_says_who_calls(stand_in: PineconeStandIn, account: ServiceAccount) -> None:
    with sdk.make_admin(account) as admin:
        assert "source_tag=pinekeep" in admin._http._headers["User-Agent"]
