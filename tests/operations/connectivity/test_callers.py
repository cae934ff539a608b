"""Who would be cut off: callers in flow logs, and principals in audit logs."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.operations.connectivity.audit_activity import AuditActivity
from pinekeep.operations.connectivity.callers import (
    Callers,
    callers_output,
    callers_text,
    public_addresses_of,
    public_networks,
)
from pinekeep.operations.connectivity.flow_logs import Flow, Reading

PUBLIC = ["52.0.2.0/24", "2600:1f18::10"]
T = 1795000000


def flow(source: str, destination: str, **other: Any) -> Flow:
    values: dict[str, Any] = {
        "interface": "eni-client",
        "source_port": 40000,
        "destination_port": 443,
        "size": 100,
        "start": T,
    }
    values |= {"end": T + 60, "accepted": True, **other}
    return Flow(source=source, destination=destination, **values)


def back(source: str, destination: str, **other: Any) -> Flow:
    return flow(source, destination, source_port=443, destination_port=40000, **other)


def found(*flows: Flow, **options: Any) -> list[tuple[str, bool, int, int]]:
    callers = Callers(public=public_networks(PUBLIC), **options)
    callers.add(flows)
    return [(each.address, each.through_endpoint, each.records, each.bytes) for each in callers.output()]


def test_a_caller_is_who_connects_to_the_public_addresses_on_443() -> None:
    assert found(
        flow("10.20.0.7", "52.0.2.10"),
        back("52.0.2.10", "10.20.0.7", size=900),
        flow("fd00::7", "2600:1f18::10"),
        flow("10.20.0.8", "52.0.3.10"),
        flow("10.20.0.9", "52.0.2.10", destination_port=80),
        flow("10.20.0.9", "10.20.0.5"),
        flow("52.0.2.10", "10.20.0.9"),
    ) == [("fd00::7", False, 1, 100), ("10.20.0.7", False, 1, 1000)]


def test_traffic_through_the_endpoint_is_told_by_its_address_or_by_its_interface() -> None:
    through = flow("10.20.0.7", "10.20.0.5", interface="eni-endpoint")
    assert found(through, flow("10.20.0.7", "52.0.2.10"), interfaces=["eni-endpoint"]) == [
        ("10.20.0.7", False, 1, 100),
        ("10.20.0.7", True, 1, 100),
    ]
    assert found(flow("10.20.0.7", "10.20.0.5"), endpoint=["10.20.0.5"]) == [("10.20.0.7", True, 1, 100)]
    assert found(through) == []


def test_traffic_that_passes_two_interfaces_counts_once() -> None:
    seen = ["eni-client", "eni-endpoint", "eni-client", "eni-endpoint", "eni-client"]
    twice = [flow("10.20.0.7", "10.20.0.5", interface=each) for each in seen]
    assert found(*twice, endpoint=["10.20.0.5"]) == [("10.20.0.7", True, 3, 300)]


def test_rejected_connections_cut_nobody_off() -> None:
    rejected = flow("10.20.0.7", "52.0.2.10", accepted=False)
    assert found(rejected) == []
    callers = Callers(public=public_networks(PUBLIC))
    callers.add([rejected, flow("10.20.0.7", "52.0.2.10", start=T + 100, end=T + 160)])
    (one,) = callers.output()
    assert (one.records, one.rejected, one.first_seen) == (1, 1, "2026-11-18T11:08:20+00:00")


@pytest.mark.parametrize(
    "wrong", ["10.20.0.5", "0.0.0.0/0", "::/0", "8.0.0.0/5", "fd00::1", "127.0.0.1", "52.0.2.1/24", "index.pinecone.io"]
)
def test_addresses_that_are_not_public_are_refused(wrong: str) -> None:
    with pytest.raises(WrongInputError, match="--public-address") as refused:
        public_networks([wrong])
    assert refused.value.hint


def test_the_public_host_is_resolved_and_a_private_one_refused() -> None:
    host = "docs-abc1234.svc.aped-4627-b74a.pinecone.io"
    assert list(map(str, public_addresses_of(host, resolve=lambda _: ["52.0.2.11", "52.0.2.10"]))) == [
        "52.0.2.10/32",
        "52.0.2.11/32",
    ]
    with pytest.raises(WrongInputError, match="is a private name") as refused:
        public_addresses_of(host.replace(".svc.", ".svc.private."))
    assert refused.value.hint == f"use --host {host}"
    with pytest.raises(WrongInputError, match=r"resolves to 10\.20\.0\.5 here"):
        public_addresses_of(host, resolve=lambda _: ["10.20.0.5"])

    def fails(_: str) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(WrongInputError, match="does not resolve"):
        public_addresses_of("x\x1b[31m", resolve=fails)


# --- Audit logs ---


def event(number: int = 1, **other: Any) -> dict[str, Any]:
    return {
        "id": f"event-{number}",
        "organization_id": "org",
        "client": {"userAgent": f"python-client/{number}"},
        "actor": {
            "principal_id": "key-1",
            "principal_name": "ingest",
            "principal_type": "api_key",
            "display_name": None,
        },
        "event": {"time": f"2026-11-2{number}T08:00:00Z", "action": "create", "resource_type": "index", "outcome": {}},
        **other,
    }


def activity(folder: Path) -> tuple[list[tuple[str, int, list[str]]], Reading]:
    reading = Reading()
    read = AuditActivity(reading)
    read.read(folder)
    return [(each.name, each.events, each.agents) for each in read.principals], reading


def test_arrays_objects_and_lines_are_read_plain_and_compressed(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026" / "array").write_text(json.dumps([event(1), event(2)]))
    (tmp_path / "pretty").write_text(json.dumps([event(3)], indent=2))
    (tmp_path / "object").write_text(json.dumps(event(4), indent=2))
    (tmp_path / "lines.gz").write_bytes(gzip.compress(f"{json.dumps(event(5))}\n\n{json.dumps(event(6))}\n".encode()))
    ((name, events, agents),), reading = activity(tmp_path)
    assert (name, events, len(agents), reading.broken, reading.lines) == ("ingest", 6, 5, 0, 6)


def test_broken_events_are_counted_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "log"
    bad_time = event(event={"time": "yesterday"})
    no_zone = event(event={"time": "2026-11-20T08:00:00"})
    texts = [json.dumps(event()), "{", json.dumps(bad_time), json.dumps(no_zone), "7", json.dumps({"actor": "me"})]
    path.write_text("\n".join(texts))
    found_, reading = activity(tmp_path)
    assert (found_[0][1], reading.broken, reading.lines) == (1, 5, 4)
    assert any(each.startswith(f"{path}:2: it is not JSON") for each in reading.broken_at)
    path.write_text("\n".join(["{broken", json.dumps(event())]))
    assert activity(tmp_path)[0][0][1] == 1
    path.write_bytes(gzip.compress(b"x" * 1000)[:20])
    assert activity(tmp_path)[1].broken == 1
    path.write_bytes(b"\xff\xfe")
    assert activity(tmp_path)[1].broken == 1
    path.write_text("[" * 100_000)
    assert activity(tmp_path)[1].broken == 1


def test_a_folder_without_logs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongInputError, match="is empty"):
        activity(tmp_path)
    with pytest.raises(WrongInputError, match="is no folder"):
        activity(tmp_path / "none")


def test_a_name_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    actor = {"principal_id": "1", "principal_type": "user", "display_name": "\x1b[2J", "principal_name": "x"}
    (tmp_path / "log").write_text(json.dumps(event(actor=actor)))
    reading = Reading()
    read = AuditActivity(reading)
    read.read(tmp_path)
    output = callers_output(
        callers=None, public=[], flow_logs=Reading(), principals=read.principals, audit_logs=reading
    )
    assert output.cut_off is None
    assert output.verdict == "without flow logs it is not known who would be cut off"
    assert "\x1b" not in callers_text(output)
