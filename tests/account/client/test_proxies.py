import pytest

from pinekeep.account.client.proxies import proxy_for
from pinekeep.errors import ExitCode, WrongInputError

API = "https://api.pinecone.io"
LOGIN = "https://login.pinecone.io/oauth/token"
PROXY = "http://proxy.example.com:3128"


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("socks5h://me:hunter2@127.0.0.1:1080", "names a SOCKS proxy, which is not supported"),
        ("socks4://127.0.0.1:1080", "names a SOCKS proxy, which is not supported"),
        ("ftp://me:hunter2@127.0.0.1:21", "names a proxy with the scheme ftp, which is not supported"),
        ("http://me:hunter2@127.0.0.1:x", "has no host, or a port that is not a number"),
        ("127.0.0.1:99999", "has no host, or a port that is not a number"),
        ("http://:3128", "has no host, or a port that is not a number"),
        ("http://", "has no host, or a port that is not a number"),
        ("http://127.0.0.1:0", "has no host, or a port that is not a number"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_with_its_variable(variable: str, value: str, why: str) -> None:
    with pytest.raises(WrongInputError) as caught:
        proxy_for(API, {variable: value})
    assert caught.value.message.startswith(f"{variable} {why}")
    assert "http://HOST:PORT" in str(caught.value.hint)
    assert "hunter2" not in f"{caught.value.message}{caught.value.hint}"
    assert caught.value.exit_code == ExitCode.WRONG_INPUT


@pytest.mark.parametrize("value", [PROXY, "https://proxy.example.com", "http://me:p%40ss@[::1]:8080"])
def test_a_usable_proxy_is_taken(value: str) -> None:
    assert proxy_for(API, {"HTTPS_PROXY": value}) == value


def test_no_proxy_holds_for_the_hosts_that_it_names_alone() -> None:
    environment = {"HTTPS_PROXY": PROXY, "NO_PROXY": "api.pinecone.io"}
    assert proxy_for(API, environment) is None
    assert proxy_for(LOGIN, environment) == PROXY
    environment["NO_PROXY"] = "login.pinecone.io"
    assert proxy_for(API, environment) == PROXY
    assert proxy_for(LOGIN, environment) is None


def test_a_variable_that_is_not_needed_may_say_what_it_likes() -> None:
    assert proxy_for(API, {"HTTPS_PROXY": "socks5://x:1", "NO_PROXY": "pinecone.io"}) is None
    assert proxy_for(API, {"HTTPS_PROXY": PROXY, "ALL_PROXY": "socks5://x:1"}) == PROXY
    assert proxy_for("https://sts.amazonaws.com", {"ALL_PROXY": "socks5://x:1"}, all_proxy=False) is None
