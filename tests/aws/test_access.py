import pytest

from pinekeep.aws.access import Access
from pinekeep.errors import WrongInputError


@pytest.mark.parametrize("proxy", ["socks5h://127.0.0.1:1080", "ftp://127.0.0.1:21", "http://127.0.0.1:x"])
def test_a_proxy_that_cannot_be_used_is_refused_with_its_variable(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(WrongInputError, match="HTTPS_PROXY"):
        Access.of_the_user()


def test_a_proxy_that_aws_is_reached_without_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5h://127.0.0.1:1080")
    monkeypatch.setenv("NO_PROXY", ".amazonaws.com")
    Access.of_the_user()


def test_all_proxy_is_none_of_the_aws_sdks_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:1080")
    Access.of_the_user()
