"""Descriptions of services are read faster than botocore reads them, and say the same."""

import gzip
import json
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.exceptions import DataNotFoundError
from botocore.model import ServiceModel

from pinekeep.account.client.descriptions import Descriptions, FileLoader, split
from pinekeep.account.credentials import sessions
from pinekeep.account.credentials.sessions import new_session

DATA = Path(botocore.__file__).parent / "data"
SERVICES = ("cloudformation", "cloudtrail", "ec2", "iam", "kms", "route53", "s3", "secretsmanager", "ssm", "sts")


def newest(service: str) -> Path:
    return sorted((DATA / service).glob("*/service-2.json.gz"))[-1]


def laid_out(**parts: Any) -> bytes:
    return json.dumps(parts, indent=2, separators=(",", ":")).encode()


@pytest.mark.parametrize("service", SERVICES)
def test_a_description_equals_botocores(service: str) -> None:
    content = gzip.decompress(newest(service).read_bytes())
    found, whole = split(content), json.loads(content)
    assert found is not None, "botocore lays its files out otherwise: nothing is gained any more"
    assert found == whole
    assert list(found["shapes"]) == list(whole["shapes"])


@pytest.mark.parametrize("service", SERVICES)
def test_the_same_shapes_are_errors(service: str) -> None:
    content = gzip.decompress(newest(service).read_bytes())
    found = split(content)
    assert found is not None
    assert list(found["shapes"].of_errors()) == [each.name for each in ServiceModel(json.loads(content)).error_shapes]


def test_a_shape_is_parsed_when_it_is_asked_for() -> None:
    found = split(laid_out(operations={}, shapes={"A": {"type": "string"}, "B": {"type": "list"}}))
    assert found is not None
    assert isinstance(dict.__getitem__(found["shapes"], "A"), bytes)
    assert found["shapes"]["A"] == {"type": "string"}
    assert found["shapes"].get("C") is None
    assert [each["type"] for each in found["shapes"].values()] == ["string", "list"]


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"operations": {}, "shapes": {"A": {"type": "string"}}}).encode(),
        laid_out(operations={}, shapes={"A": "no shape"}),
        laid_out(operations={}, shapes={"A": {"type": "string"}}) + b"}",
        b"",
    ],
)
def test_what_is_laid_out_otherwise_is_left_to_json(content: bytes) -> None:
    assert split(content) is None


def test_files_are_found_with_either_suffix_or_not_at_all(tmp_path: Path) -> None:
    (tmp_path / "plain.json").write_text('{"a": 1}')
    (tmp_path / "packed.json.gz").write_bytes(gzip.compress(b'{"a": 2}'))
    (tmp_path / "service-2.json").write_text('{"shapes": {"A": {}}}')
    found = [FileLoader().load_file(str(tmp_path / name)) for name in ("plain", "packed", "service-2", "none")]
    assert found == [{"a": 1}, {"a": 2}, {"shapes": {"A": {}}}, None]


def test_a_session_reads_them_this_way_and_its_clients_know_their_errors() -> None:
    sessions._descriptions.cache_clear()  # other tests have read more
    client = new_session(aws_access_key_id="x", aws_secret_access_key="y").client("kms", region_name="us-east-1")
    assert isinstance(client._loader, Descriptions)
    model = client.meta.service_model
    assert model.shape_for_error_code("NotFoundException").name == "NotFoundException"
    assert model.shape_for_error_code("Unheard") is None
    assert client.exceptions.NotFoundException
    shapes = model._service_description["shapes"]
    unread = [name for name in shapes if isinstance(dict.__getitem__(shapes, name), bytes)]
    assert len(unread) > len(shapes) / 2


def test_a_service_that_there_is_not_is_refused() -> None:
    with pytest.raises(DataNotFoundError):
        new_session().client("no-such-service", region_name="us-east-1")
