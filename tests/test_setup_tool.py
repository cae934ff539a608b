"""``tools/setup.py``, as far as it can be tried without setting everything up."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SETUP = Path(__file__).resolve().parents[1] / "tools" / "setup.py"


@pytest.fixture
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pinekeep_setup_tool", SETUP)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.process
def test_a_step_that_takes_long_says_that_it_goes_on(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "SAID_EVERY", 0.1)
    setup.run(sys.executable, "-c", "import time; print('quiet'); time.sleep(0.5)")
    said = capfd.readouterr().err
    assert "setup:   … 0 s" in said
    assert "quiet" not in said


@pytest.mark.process
def test_a_step_that_fails_shows_what_it_said(setup: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="setup: failed"):
        setup.run(sys.executable, "-c", "import sys; print('the reason'); sys.exit(3)")
    assert "the reason" in capfd.readouterr().err


def test_how_long_it_takes_is_said_before_anything_is_done(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "run", lambda *_, **__: None)
    monkeypatch.setattr(setup.venv, "create", lambda *_, **__: None)
    setup.make_venv(tmp_path)
    said = capfd.readouterr().err.splitlines()
    assert "one to three minutes" in said[0]
    assert [line.split(":")[1].strip() for line in said[1:]] == ["1 of 3", "2 of 3"]
