"""Systems Manager's parameters, with a way to do something in between two calls."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from pinekeep.account.client.clients import Clients


class FakeSsm:
    """Keeps parameters as Systems Manager does. Stands in for a session and for its client."""

    def __init__(self) -> None:
        self.parameters: dict[str, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.before_put: Callable[[], object] | None = None

    @property
    def clients(self) -> Clients:
        return Clients(self, "us-east-1")

    def client(self, service_name: str, **_: Any) -> Any:
        assert service_name == "ssm"
        return self

    def get_parameters(self, *, Names: list[str]) -> dict[str, Any]:  # noqa: N803 - AWS's name
        self.calls.append(("get_parameters", {"Names": Names}))
        there = [{"Name": name, **self.parameters[name]} for name in Names if name in self.parameters]
        return {"Parameters": there, "InvalidParameters": [name for name in Names if name not in self.parameters]}

    def put_parameter(self, **given: Any) -> dict[str, Any]:
        self.calls.append(("put_parameter", given))
        if self.before_put:
            happen, self.before_put = self.before_put, None
            happen()
        return self.put(**given)

    def put(self, **given: Any) -> dict[str, Any]:
        name = given["Name"]
        if name in self.parameters and not given.get("Overwrite"):
            raise self._error("ParameterAlreadyExists", "PutParameter")
        version = self.parameters.get(name, {}).get("Version", 0) + 1
        self.parameters[name] = {"Value": given["Value"], "Version": version, "Tags": given.get("Tags")}
        return {"Version": version}

    @staticmethod
    def _error(code: str, operation: str) -> ClientError:
        return ClientError({"Error": {"Code": code, "Message": ""}}, operation)
