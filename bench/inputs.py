"""The inputs of the measured commands."""

import gzip
import json
from copy import deepcopy
from ipaddress import IPv4Network
from itertools import islice
from pathlib import Path
from uuid import UUID

import orjson
import yaml

from pinekeep.model.config import Deployment, load
from pinekeep.model.config.models import alias_of, private_zone_of, role_name_of
from pinekeep.model.config.private_link import NewVpc
from pinekeep.model.facts import pinecone
from tests.operations.audit import audit_events

_FRAMINGS = ("lines", "array", "crlf", "bom")


def app_environment(configuration: Path, out: Path) -> dict[str, str]:
    """Return the variables that the CDK CLI sets for app.py."""
    return {"CDK_CONTEXT_JSON": json.dumps({"config": str(configuration)}), "CDK_OUTDIR": str(out)}


def write_deployments(example: Path, count: int, file: Path) -> None:
    """Write a configuration file with copies of the example's first deployment."""
    content = yaml.safe_load(example.read_text())
    (settings,) = list(content["deployments"].values())[:1]
    deployments = {}
    for number in range(count):
        copy = deployments[f"project-{number:03}"] = deepcopy(settings)
        copy["cmek"].pop("role_name", None)
        copy["cmek"].get("key", {}).pop("alias", None)
        copy["cmek"]["trust"]["external_id"] = str(UUID(int=number + 1, version=4))
        if "id" in copy["private_link"]["vpc"]:
            copy["private_link"]["vpc"]["id"] = f"vpc-{number:017x}"
    file.write_text(yaml.safe_dump({**content, "deployments": deployments}, sort_keys=False))
    load(file)


def write_endpoints(count: int, file: Path) -> None:
    """Write a configuration file of one deployment with a number of endpoints, each in an existing VPC of its own."""

    def link(number: int) -> dict[str, object]:
        subnets = [f"subnet-{2 * number + each:017x}" for each in range(2)]
        vpc = {"id": f"vpc-{number:017x}", "subnet_ids": subnets}
        return {"vpc": vpc, "clients": {"cidrs": [f"10.{number}.0.0/16"]}}

    further = {f"vpc-{number}": link(number) for number in range(1, count)}
    settings = {**link(0), **({"further_endpoints": further} if further else {})}
    deployment = {"account": "111122223333", "region": "us-east-1", "private_link": settings}
    file.write_text(yaml.safe_dump({"version": 1, "deployments": {"search": deployment}}, sort_keys=False))
    load(file)


def write_customers(count: int, file: Path) -> None:
    """Write a configuration file of one deployment with its own key and a number of customers."""
    customers = [{"name": f"customer {each}", "account": f"{600000000000 + each}"} for each in range(count)]
    cmek = {
        "trust": {"regions": ["us-east-1"], "external_id": str(UUID(int=1, version=4))},
        "key": {"administrators": ["arn:aws:iam::111122223333:role/KeyAdministrators"]},
        "customer_keys": customers,
    }
    deployment = {"account": "111122223333", "region": "us-east-1", "cmek": cmek}
    content = {"version": 1, "pinecone_account": "740000000001", "deployments": {"saas": deployment}}
    file.write_text(yaml.safe_dump(content, sort_keys=False))
    load(file)


def audit_logs(folder: Path, *, files: int, count: int = 1_000_000) -> Path:
    """Return a file of lines with audit events, or a folder with the same ones in files of mixed framing."""
    place = folder / f"audit-{files}"
    if place.exists():
        return place
    if files == 1:
        with place.open("wb") as file:
            for each in audit_events.events(count):
                file.write(orjson.dumps(each) + b"\n")
        return place
    place.mkdir()
    size, made = -(-count // files), audit_events.events(count)
    for number in range(files):
        content = audit_events.framed(list(islice(made, size)), _FRAMINGS[number % len(_FRAMINGS)])
        (place / f"{number:04}").write_bytes(gzip.compress(content, 1) if number % 2 else content)
    return place


def write_settings(example: Path, file: Path) -> None:
    """Write the example's first deployment in the twin's format."""
    configuration = load(example)
    name, deployment = next(iter(configuration.deployments.items()))
    file.write_text(json.dumps(_settings(name, deployment, configuration.content.pinecone_account)))


def _settings(name: str, deployment: Deployment, pinecone_account: str | None) -> dict[str, object]:
    cmek, link = deployment.cmek, deployment.private_link
    if cmek is None or link is None or not isinstance(link.vpc, NewVpc) or link.dns != "endpoint":
        raise ValueError("the twin knows both stacks, in a new VPC, with the endpoint's own private DNS")
    return {
        "name": name,
        "account": deployment.account,
        "region": deployment.region,
        "tags": {**deployment.tags, "pinekeep:deployment": name},
        "pineconeAccount": pinecone_account,
        "roleName": role_name_of(name, deployment),
        "trustedRegions": cmek.trust.regions,
        "externalId": cmek.trust.external_id,
        "alias": alias_of(name, deployment),
        "rotationDays": cmek.key.rotation_days,
        "multiRegion": cmek.key.multi_region,
        "deletionWindowDays": cmek.key.deletion_window_days,
        "vpcCidr": link.vpc.cidr,
        "subnets": [{"zone": zone, "cidr": _part(link.vpc.cidr, zone)} for zone in link.vpc.availability_zones],
        "clientCidrs": link.clients.cidrs,
        "serviceName": pinecone.PRIVATE_LINK[deployment.region].service_name,
        "privateZone": private_zone_of(deployment),
    }


def _part(network: str, zone: str) -> str:
    """Return a zone's eighth of a network, as pinekeep.constructs.isolated_vpc does."""
    return str(list(IPv4Network(network).subnets(prefixlen_diff=3))["abcdefgh".index(zone[-1])])
