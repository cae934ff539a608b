"""The parameters and the name of an API call, as CloudTrail records them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError, fromstring

from ministack.core import iam_actions

Document = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """A request to the emulator. ``query``: of its address, or of its body where that is a form."""

    service: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any]


_MEMBER: Final = re.compile(r"\.member\.\d+")

_SUBRESOURCES: Final[Mapping[str, str]] = {
    "policy": "Policy",
    "versioning": "Versioning",
    "encryption": "Encryption",
    "lifecycle": "Lifecycle",
    "logging": "Logging",
    "object-lock": "ObjectLockConfiguration",
    "ownershipControls": "OwnershipControls",
    "publicAccessBlock": "PublicAccessBlock",
    "replication": "Replication",
    "tagging": "Tagging",
    "cors": "Cors",
    "acl": "Acl",
    "website": "Website",
    "notification": "Notification",
}
"""The bucket-level calls by subresource of the path ("Amazon S3 CloudTrail events", S3 User Guide, 2026-11-30)."""
_VERBS: Final = {"PUT": "Put", "DELETE": "Delete", "GET": "Get"}
_WHOLE_BUCKET: Final = {"PUT": "CreateBucket", "DELETE": "DeleteBucket", "HEAD": "HeadBucket"}


def bucket_event(request: Request) -> str | None:
    """Return the name of a bucket-level call of S3; None for calls on objects and listings, which are data events."""
    if len([part for part in request.path.split("/") if part]) != 1:
        return None
    for subresource, name in _SUBRESOURCES.items():
        if subresource in request.query:
            return f"{_VERBS[request.method]}Bucket{name}" if request.method in _VERBS else None
    return _WHOLE_BUCKET.get(request.method)


def requested(request: Request, action: str) -> Document:
    """Return a call's parameters in CloudTrail's spelling; empty where they cannot be read."""
    try:
        match request.service:
            case "s3":
                return _of_bucket(request)
            case "route53":
                return _of_zone(request)
            case _ if "Action" in request.query:
                given = {key: str(each[0] if isinstance(each, list) else each) for key, each in request.query.items()}
                given = {key: value for key, value in given.items() if key not in ("Action", "Version")}
                return _of_ec2(action, given) if request.service == "ec2" else _of_form(given)
            case _:
                read = json.loads(request.body or b"{}")
                return lowered(read) if isinstance(read, dict) else {}
    except (ValueError, ParseError):
        return {}


def lowered(value: Any) -> Any:
    """Return a document whose keys begin with a lower-case letter, except those of an encryption context."""
    if isinstance(value, list):
        return [lowered(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key[:1].lower() + key[1:]: each if key == "EncryptionContext" else lowered(each) for key, each in value.items()
    }


def _of_form(parameters: Mapping[str, str]) -> Document:
    """Return the parameters of the query protocol. Lists of texts stay lists, deeper ones keep their number."""
    found: Document = {}
    for key, value in parameters.items():
        name = key[:1].lower() + key[1:]
        if _MEMBER.search(name) and not _MEMBER.sub("", name, count=1).count("."):
            found.setdefault(_MEMBER.sub("", name), []).append(value)
        else:
            found[name] = value
    return found


def _of_ec2(action: str, parameters: Mapping[str, str]) -> Document:
    """Return the parameters of EC2's call: an endpoint's stand in a request element, a list's items are tagged."""
    if "VpcEndpoint" not in action:
        return _of_form(parameters)
    found: Document = {}
    for key, value in parameters.items():
        name, _, number = key.partition(".")
        if not number.isdigit():
            found[key] = value
            continue
        items = found.setdefault(name, [])
        items.append({"tag": int(number), "content": value})
    return {f"{action}Request": {key: each[0] if _is_one(each) else each for key, each in found.items()}}


def _is_one(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1


def _of_zone(request: Request) -> Document:
    parts = [part for part in request.path.split("/") if part]
    found: Document = {}
    if "hostedzone" in parts[:-1]:
        found["hostedZoneId" if request.body else "id"] = parts[parts.index("hostedzone") + 1]
    if request.body:
        found.update(_of_element(fromstring(request.body)))  # noqa: S314 - sent to a server of this machine
    return found


_LISTS: Final = frozenset({"Changes", "ResourceRecords"})


def _of_element(element: Element) -> Any:
    children = list(element)
    if not children:
        return element.text or ""
    if _name(element) in _LISTS:
        return [_of_element(child) for child in children]
    return {_name(child)[:1].lower() + _name(child)[1:]: _of_element(child) for child in children}


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _of_bucket(request: Request) -> Document:
    asked = {key: "" for key in request.query if key in _SUBRESOURCES}
    found: Document = {"bucketName": request.path.strip("/"), **asked}
    if not request.body:
        return found
    if "policy" in asked:
        return {**found, "bucketPolicy": json.loads(request.body)}
    root = fromstring(request.body)  # noqa: S314 - sent to a server of this machine
    return {**found, _name(root): {_name(child): _in_capitals(child) for child in root}}


def _in_capitals(element: Element) -> Any:
    children = list(element)
    return {_name(child): _in_capitals(child) for child in children} if children else (element.text or "")


def action_of(request: Request) -> str | None:
    """Return the name under which CloudTrail records a call; None for one that it does not record as management."""
    if request.service == "s3":
        return bucket_event(request)
    sent = (request.service, request.method, request.path, dict(request.headers), request.body, dict(request.query))
    action = iam_actions.extract_iam_action(*sent)
    return action.partition(":")[2] if action else None
