from importlib import metadata

import pytest

from pinekeep.emulator.errors import LocalAwsError
from pinekeep.emulator.extensions import install_all
from pinekeep.emulator.server import EmbeddedAws
from pinekeep.emulator.version import PINNED_VERSION, check_version


def test_the_installed_emulator_is_the_one_that_the_extensions_were_written_for() -> None:
    assert metadata.version("ministack") == PINNED_VERSION


def test_another_version_of_the_emulator_is_refused_in_one_sentence() -> None:
    with pytest.raises(LocalAwsError) as caught:
        check_version(installed="1.5.34")
    assert caught.value.message == "the embedded AWS needs ministack 1.5.33, but 1.5.34 is installed"
    assert caught.value.hint == "pip install ministack==1.5.33"


def test_nothing_is_patched_or_started_over_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pinekeep.emulator.version.metadata.version", lambda _: "9.9.9")
    with pytest.raises(LocalAwsError, match=r"9\.9\.9 is installed"):
        install_all(endpoint_services={})
    with pytest.raises(LocalAwsError, match=r"9\.9\.9 is installed"):
        EmbeddedAws().start()
