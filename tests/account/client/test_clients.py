from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pinekeep.account.client.clients import ATTEMPTS, Clients


class Session:
    def __init__(self) -> None:
        self.made: list[tuple[str, str, Any]] = []

    def client(self, service_name: str, *, region_name: str, config: Any) -> object:
        self.made.append((service_name, region_name, config))
        return object()


def test_a_client_is_made_once_for_its_region_whoever_asks() -> None:
    session = Session()
    clients = Clients(session, "eu-west-1")
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: clients.client("kms"), range(50)))
    assert len(found) == 1
    assert [(service, region) for service, region, _ in session.made] == [("kms", "eu-west-1")]
    assert clients.client("iam") not in found


def test_clients_are_patient_but_not_for_ever() -> None:
    session = Session()
    Clients(session, "us-east-1").client("kms")
    config = session.made[0][2]
    assert config.retries == {"mode": "adaptive", "total_max_attempts": ATTEMPTS}
    assert config.connect_timeout <= 10
    assert config.read_timeout <= 30
    assert config.user_agent_extra.startswith("pinekeep/")
