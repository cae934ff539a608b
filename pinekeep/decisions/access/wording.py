"""Words for principals, groups of requests, and lists."""

from collections.abc import Iterable, Sequence
from typing import Final

from pinekeep.decisions.access.policies import BucketPolicies, Resource, RolePolicies
from pinekeep.decisions.access.principals import ACCESS_ROLE_WORDS, Kind, Principal
from pinekeep.decisions.access.requests import AGREED, EMPTY, NONE, Group, Request

_DOING: Final = {
    Group.ASSUME: "assume {role}",
    Group.SESSION: "set session tags and identity in {role}",
    Group.USE: "use {key}",
    Group.SERVICE_GRANTS: "make grants on {key} for AWS services",
    Group.GRANTS: "make grants on {key} for anyone",
    Group.READ: "read the settings of {key}",
    Group.ADMINISTER: "administer {key}",
    Group.DELETE: "delete {key}",
    Group.THROUGH_S3: "use {key} through S3 or another service",
    Group.LIST: "list objects of {bucket}",
    Group.READ_OBJECTS: "read objects of {bucket}",
    Group.WRITE_OBJECTS: "write objects of {bucket}",
    Group.DELETE_OBJECTS: "delete objects of {bucket}",
    Group.RETENTION: "change or bypass the retention of objects of {bucket}",
    Group.BUCKET: "change the settings of {bucket}",
}


def doing(group: Group, resource: Resource) -> str:
    """Return a group of requests on a role, key or bucket in words, such as ``administer the key``."""
    if isinstance(resource, RolePolicies):
        return _DOING[group].format(role=f"the role {resource.name}")
    if isinstance(resource, BucketPolicies):
        return _DOING[group].format(bucket=resource.words)
    return _DOING[group].format(key=resource.words)


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence."""
    found = list(words)
    return " and ".join([", ".join(found[:-1]), found[-1]] if len(found) > 1 else found)


def names(principals: Iterable[Principal]) -> str:
    """Return principals as a list in a sentence; Pinecone's access roles together."""
    found = list(principals)
    access = [each for each in found if each.kind is Kind.PINECONE_REGION]
    if len(access) == 1:
        access.clear()
    regions = ", ".join(each.words.removeprefix(ACCESS_ROLE_WORDS) for each in access)
    together = [f"Pinecone's access roles of {regions}"] if access else []
    return listed([*together, *(each.words for each in found if each not in access)])


def short(request: Request) -> str:
    """Return a request as a word in a list, without the service's prefix."""
    return request.words.removeprefix("kms:").removeprefix("sts:").removeprefix("s3:")


def extent(asked: Sequence[Request], *, of: Sequence[Request]) -> str:
    """Return the selected requests of a place, as the words after it in a sentence; empty where it is all of them."""
    if of[0].group is Group.ASSUME:
        return _with_ids(asked, of)
    ids = {each.id for each in asked}
    others = [short(each) for each in of if each.id not in ids]
    if not others:
        return ""
    if len(others) < len(ids):
        return f"(all but {', '.join(others)})"
    return f"(only {', '.join(short(each) for each in asked)})"


def _with_ids(asked: Sequence[Request], of: Sequence[Request]) -> str:
    """Return the external IDs of requests for a role, in words."""
    agreed = next((each for each in of if each.name == AGREED), None)
    meant = {each.name for each in asked}
    others = {each.name for each in of} - {AGREED, EMPTY, NONE}
    if not others <= meant:
        return f"with {listed(short(each) for each in asked)}"
    which = "any external ID" if agreed is None or AGREED in meant else "any other external ID"
    return f"with {which}{' or none' if NONE in meant else ''}"


def what(asked: Sequence[Request], *, of: Sequence[Request]) -> str:
    """Return the selected requests of a place, as a cell of a table."""
    if len(asked) == len(of):
        return "everything" if of[0].group is not Group.ASSUME else "any external ID or none"
    return ", ".join(short(each) for each in asked)
