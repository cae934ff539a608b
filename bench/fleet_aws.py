"""A local AWS that answers the listing calls about fleets in which nothing differs from the file."""

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl
from uuid import NAMESPACE_OID, UUID, uuid5
from xml.sax.saxutils import escape

import yaml

from pinekeep.model.config import load
from pinekeep.model.config.fleet.reading import read_targets
from pinekeep.model.resources import PROJECT
from pinekeep.operations.fleet.desired import Desired, new_operation_id
from pinekeep.operations.fleet.proof import desired_of

ADMINISTRATOR: Final = "111122223333"
REGION: Final = "us-east-1"
PAGE: Final = 100
_NAMESPACE: Final = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


def file_of(count: int, folder: Path) -> Path:
    """Return the path of the configuration file with a fleet of so many accounts."""
    return folder / f"fleet-{count}.yaml"


def write_fleet(count: int, folder: Path) -> Path:
    """Write a configuration file with a fleet, and the rows of so many accounts. Return its path."""
    name = f"fleet-{count}"
    rows = [f"{200000000000 + number},{UUID(int=number + 1, version=4)}" for number in range(count)]
    (folder / f"{name}.csv").write_text("\n".join(["account,cmek.trust.external_id", *rows]) + "\n")
    fleet = {
        "administrator": {"account": ADMINISTRATOR, "region": REGION},
        "permissions": "service-managed",
        "file": f"{name}.csv",
        "regions": [REGION],
        "settings": {"tags": {"team": "search"}, "cmek": {"trust": {"regions": [REGION]}}},
    }
    file = file_of(count, folder)
    content = {"version": 1, "pinecone_account": "740000000001", "fleet": {name: fleet}}
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    return file


@contextmanager
def deployed(counts: tuple[int, ...], folder: Path) -> Generator[Mapping[str, str]]:
    """Provide the environment of a local AWS in which fleets of these sizes are deployed."""
    sets = {}
    for count in counts:
        file = write_fleet(count, folder)
        desired = desired_of(read_targets(load(file), f"fleet-{count}"))
        sets[desired.stack_set] = _pages(desired)
    server = _serve(lambda asked: _answer(sets, asked))
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "PYTHONPATH": str(PROJECT),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
    finally:
        server.shutdown()
        server.server_close()


def _pages(desired: Desired) -> dict[str, bytes]:
    """Return the answers about a stack set, by operation and token."""
    identifier = f"{desired.stack_set}:{uuid5(NAMESPACE_OID, desired.stack_set)}"
    members = []
    for (account, region), each in desired.instances.items():
        stack = f"StackSet-{desired.stack_set}-{uuid5(NAMESPACE_OID, account + region)}"
        members.append(
            f"<member><StackSetId>{identifier}</StackSetId><Region>{region}</Region><Account>{account}</Account>"
            f"<StackId>arn:aws:cloudformation:{region}:{account}:stack/{stack}/{uuid5(NAMESPACE_OID, stack)}</StackId>"
            "<Status>CURRENT</Status><StackInstanceStatus><DetailedStatus>SUCCEEDED</DetailedStatus>"
            "</StackInstanceStatus><OrganizationalUnitId>ou-ab12-11111111</OrganizationalUnitId>"
            f"<DriftStatus>NOT_CHECKED</DriftStatus><LastOperationId>{new_operation_id(each.digest)}</LastOperationId>"
            "</member>"
        )
    found = {
        "DescribeStackSet": _body(
            "DescribeStackSet",
            f"<StackSet><StackSetName>{desired.stack_set}</StackSetName><StackSetId>{identifier}</StackSetId>"
            f"<Status>ACTIVE</Status><TemplateBody>{escape(desired.template)}</TemplateBody>"
            f"<Parameters>{_members('ParameterKey', 'ParameterValue', desired.parameters)}</Parameters>"
            f"<Tags>{_members('Key', 'Value', desired.tags)}</Tags><PermissionModel>SERVICE_MANAGED</PermissionModel>"
            "<AutoDeployment><Enabled>false</Enabled></AutoDeployment>"
            "<ManagedExecution><Active>true</Active></ManagedExecution></StackSet>",
        ),
        "ListStackSetOperations": _body("ListStackSetOperations", "<Summaries></Summaries>"),
    }
    for begin in range(0, max(len(members), 1), PAGE):
        more = begin + PAGE < len(members)
        token = f"<NextToken>{begin + PAGE}</NextToken>" if more else ""
        page = f"<Summaries>{''.join(members[begin : begin + PAGE])}</Summaries>{token}"
        found[f"ListStackInstances {begin or ''}".strip()] = _body("ListStackInstances", page)
    return found


def _answer(sets: Mapping[str, Mapping[str, bytes]], asked: Mapping[str, str]) -> bytes:
    operation = asked["Action"]
    if operation == "GetCallerIdentity":
        return _body(operation, f"<Arn>arn:aws:iam::{ADMINISTRATOR}:user/local</Arn><Account>{ADMINISTRATOR}</Account>")
    return sets[asked["StackSetName"]][f"{operation} {asked.get('NextToken', '')}".strip()]


def _members(key: str, value: str, items: Mapping[str, str]) -> str:
    return "".join(f"<member><{key}>{name}</{key}><{value}>{each}</{value}></member>" for name, each in items.items())


def _body(operation: str, content: str) -> bytes:
    result = f"<{operation}Result>{content}</{operation}Result>"
    identity = "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
    return f'<{operation}Response xmlns="{_NAMESPACE}">{result}{identity}</{operation}Response>'.encode()


def _serve(answer: Callable[[Mapping[str, str]], bytes]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            content = answer(asked)
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the signature of the class
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
