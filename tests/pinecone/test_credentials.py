import pytest

from pinekeep.errors import WrongInputError
from pinekeep.pinecone.credentials import Connection, ServiceAccount

GIVEN = {"PINECONE_CLIENT_ID": "an-id", "PINECONE_CLIENT_SECRET": "a-secret-of-pinecone"}
PROXY = "http://proxy.example.com:3128"


def test_the_environment_alone_tells_the_service_account() -> None:
    account = ServiceAccount.of_the_environment(GIVEN)
    assert account.client_id == "an-id"
    assert account.client_secret.reveal() == "a-secret-of-pinecone"
    assert account.connection == Connection("https://api.pinecone.io", "https://login.pinecone.io/oauth/token", None)


@pytest.mark.parametrize("missing", GIVEN)
def test_a_variable_that_is_not_set_is_named_and_where_to_get_it(missing: str) -> None:
    with pytest.raises(WrongInputError) as caught:
        ServiceAccount.of_the_environment({**GIVEN, missing: "  "})
    assert caught.value.message == f"no Pinecone service account: {missing} not set"
    assert "Organization settings > Service accounts" in str(caught.value.hint)


def test_the_secret_is_not_shown() -> None:
    account = ServiceAccount.of_the_environment({**GIVEN, "HTTPS_PROXY": "http://me:password@proxy.example.com"})
    assert "a-secret-of-pinecone" not in repr(account)
    assert "password" not in repr(account)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:8080/", "http://[::1]:8080"])
def test_an_address_on_this_machine_stands_for_both_of_pinecones_hosts(url: str) -> None:
    connection = Connection.of_the_environment({"PINECONE_CONTROLLER_HOST": url})
    assert connection.api_url == url.rstrip("/")
    assert connection.token_url == f"{url.rstrip('/')}/oauth/token"


def test_another_host_never_gets_the_client_secret() -> None:
    connection = Connection.of_the_environment({"PINECONE_CONTROLLER_HOST": "api.example.com"})
    assert connection.api_url == "https://api.example.com"
    assert connection.token_url == "https://login.pinecone.io/oauth/token"


@pytest.mark.parametrize("url", ["http://api.pinecone.io", "http://127.0.0.1.example.com", "ftp://api.pinecone.io"])
def test_secrets_are_not_sent_in_the_clear(url: str) -> None:
    with pytest.raises(WrongInputError, match="would send secrets in the clear"):
        Connection.of_the_environment({"PINECONE_CONTROLLER_HOST": url})


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY}, PROXY),
        ({"HTTPS_PROXY": "proxy.example.com:3128"}, PROXY),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"HTTP_PROXY": PROXY}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "pinecone.io"}, None),
        ({"HTTPS_PROXY": PROXY, "no_proxy": "*"}, None),
        ({"HTTPS_PROXY": PROXY, "NO_PROXY": "example.com"}, PROXY),
        ({"http_proxy": PROXY, "PINECONE_CONTROLLER_HOST": "http://127.0.0.1:1", "NO_PROXY": "127.0.0.1"}, None),
        ({"http_proxy": PROXY, "PINECONE_CONTROLLER_HOST": "http://127.0.0.1:1"}, PROXY),
    ],
)
def test_the_proxy_is_the_one_that_the_environment_names(environment: dict[str, str], proxy: str | None) -> None:
    assert Connection.of_the_environment(environment).proxy_url == proxy


def test_no_proxy_is_decided_for_each_host_of_pinecones() -> None:
    connection = Connection.of_the_environment({"HTTPS_PROXY": PROXY, "NO_PROXY": "api.pinecone.io"})
    assert (connection.proxy_url, connection.token_proxy_url) == (None, PROXY)
    connection = Connection.of_the_environment({"HTTPS_PROXY": PROXY, "NO_PROXY": "login.pinecone.io"})
    assert (connection.proxy_url, connection.token_proxy_url) == (PROXY, None)


@pytest.mark.parametrize("proxy", ["socks5h://127.0.0.1:1080", "ftp://127.0.0.1:21", "http://127.0.0.1:x"])
def test_a_proxy_that_cannot_be_used_is_refused_with_its_variable(proxy: str) -> None:
    with pytest.raises(WrongInputError, match="ALL_PROXY"):
        Connection.of_the_environment({"ALL_PROXY": proxy})
