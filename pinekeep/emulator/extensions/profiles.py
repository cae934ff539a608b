"""Route 53 Profiles."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services import ec2
from ministack.services.cloudformation import drift

from pinekeep.emulator.extensions import json_services, private_names, resolver
from pinekeep.emulator.extensions.json_services import Document, RefusedError
from pinekeep.emulator.extensions.patching import (
    HANDLERS,
    HEX,
    Attributes,
    Properties,
    carry_stack_tags,
    new_id,
    replacement,
)

PROFILE: Final = "AWS::Route53Profiles::Profile"
ASSOCIATION: Final = "AWS::Route53Profiles::ProfileAssociation"
RESOURCE: Final = "AWS::Route53Profiles::ProfileResourceAssociation"
ZONE, RULE, VPC_ENDPOINT = "PRIVATE_HOSTED_ZONE", "RESOLVER_RULE", "VPC_ENDPOINT"
_ID_LENGTH: Final = len(HEX)

_profiles = AccountRegionScopedDict()
_of_vpcs = AccountRegionScopedDict()
_resources = AccountRegionScopedDict()
_tags = AccountRegionScopedDict()  # an ARN -> its tags


def profiles() -> None:
    """Gap: Route 53 Profiles are missing: profiles, their associations with VPCs and their resources.

    On AWS a VPC has one profile. A profile holds private hosted zones, resolver rules and interface endpoints, among
    others that are refused here, and can be deleted once no VPC has it. Profiles are not shared between accounts here.
    """
    json_services.register_rest("route53profiles", _CALLS)
    _template(PROFILE, _create_profile, lambda profile_id: _delete_profile({"ProfileId": profile_id}), _profiles)
    _template(ASSOCIATION, _associate, lambda association_id: _end_association({"Id": association_id}), _of_vpcs)
    _template(RESOURCE, _add, lambda association_id: _end_resource({"Id": association_id}), _resources)


def resources_of(vpc_id: str, region: str) -> Iterator[tuple[str, str]]:
    """Return the type and ID of each resource that a VPC has by its profile."""
    for (account, its_region, _), association in list(_of_vpcs._data.items()):
        if (its_region, association["ResourceId"]) == (region, vpc_id):
            for (owner, where, _), each in list(_resources._data.items()):
                if (owner, where, each["ProfileId"]) == (account, region, association["ProfileId"]):
                    yield each["ResourceType"], each["ResourceArn"].rpartition("/")[2]


# --- Calls ---


def _create_profile(asked: Document) -> Document:
    profile_id = _new_id("rp")
    _profiles[profile_id] = {
        "Id": profile_id,
        "Arn": _arn("profile", profile_id),
        "Name": asked["Name"],
        "ClientToken": asked.get("ClientToken", profile_id),
        "ShareStatus": "NOT_SHARED",
        **_state(),
    }
    _tags[_arn("profile", profile_id)] = _map(asked.get("Tags"))
    return {"Profile": _profiles[profile_id]}


def _delete_profile(asked: Document) -> Document:
    profile = _known(_profiles, asked["ProfileId"], "profile")
    if any(each["ProfileId"] == profile["Id"] for each in _of_vpcs.values()):
        raise RefusedError("ConflictException", f"The profile {profile['Id']} is associated with VPCs")
    for each in [one for one in _resources.values() if one["ProfileId"] == profile["Id"]]:
        del _resources[each["Id"]]
    del _profiles[profile["Id"]]
    return {"Profile": {**profile, "Status": "DELETING"}}


def _list_profiles(_: Document) -> Document:
    names = ("Arn", "Id", "Name", "ShareStatus")
    return {"ProfileSummaries": [{name: each[name] for name in names} for each in _profiles.values()]}


def _associate(asked: Document) -> Document:
    profile, vpc_id = _known(_profiles, asked["ProfileId"], "profile"), asked["ResourceId"]
    if vpc_id not in ec2._vpcs:
        raise RefusedError("ResourceNotFoundException", f"The VPC {vpc_id} does not exist")
    rival = next((each for each in _of_vpcs.values() if each["ResourceId"] == vpc_id), None)
    if rival:
        message = f"The VPC {vpc_id} is already associated with the profile {rival['ProfileId']}"
        raise RefusedError("ResourceExistsException", message)
    association_id = _new_id("rpassoc")
    own = {"Id": association_id, "ProfileId": profile["Id"], "ResourceId": vpc_id, "Name": asked["Name"]}
    _of_vpcs[association_id] = {**own, **_state()}
    _tags[_arn("profile-association", association_id)] = _map(asked.get("Tags"))
    return {"ProfileAssociation": _of_vpcs[association_id]}


def _disassociate(asked: Document) -> Document:
    wanted = (asked["ProfileId"], asked["ResourceId"])
    found = next((each for each in _of_vpcs.values() if (each["ProfileId"], each["ResourceId"]) == wanted), None)
    if found is None:
        raise RefusedError("ResourceNotFoundException", f"The profile {wanted[0]} is not associated with {wanted[1]}")
    return {"ProfileAssociation": _end_association({"Id": found["Id"]})}


def _end_association(asked: Document) -> Document:
    return {**_of_vpcs.pop(asked["Id"]), "Status": "DELETING"}


def _list_associations(asked: Document) -> Document:
    names = ("ProfileId", "ResourceId")
    found = [each for each in _of_vpcs.values() if all(each[n] == asked[n] for n in names if asked.get(n))]
    return {"ProfileAssociations": found}


def _add(asked: Document) -> Document:
    profile, arn = _known(_profiles, asked["ProfileId"], "profile"), asked["ResourceArn"]
    kind, domain = _type_of(arn)
    others = [each for each in _resources.values() if each["ProfileId"] == profile["Id"]]
    if any(each["ResourceArn"] == arn or (domain and each["_domain"] == domain) for each in others):
        raise RefusedError("ConflictException", f"The profile {profile['Id']} has {domain or arn} already")
    resource_id = _new_id("rpr")
    own = {"Id": resource_id, "ProfileId": profile["Id"], "Name": asked["Name"], "ResourceArn": arn}
    _resources[resource_id] = {**own, "ResourceType": kind, **_state(), "_domain": domain}
    return {"ProfileResourceAssociation": _shown(_resources[resource_id])}


def _type_of(arn: str) -> tuple[str, str]:
    """Return the type of a resource and the private domain that it answers to, if it is a zone's or an endpoint's."""
    kind, _, resource_id = arn.partition("/")
    if kind == "arn:aws:route53:::hostedzone" and (zone := private_names.zone_of(resource_id)):
        if not zone.get("private"):
            raise RefusedError("InvalidParameterException", f"The hosted zone {resource_id} is public")
        return ZONE, private_names.plain(zone["name"])
    if kind == _arn_prefix("ec2", "vpc-endpoint") and (endpoint := ec2._vpc_endpoints.get(resource_id)):
        zone_of_it = private_names.zone_of_endpoint(endpoint)
        return VPC_ENDPOINT, zone_of_it.name if zone_of_it else ""
    if kind == _arn_prefix("route53resolver", "resolver-rule") and resource_id in resolver.rules:
        return RULE, ""
    known = ("hostedzone", "vpc-endpoint", "resolver-rule")
    code = "ResourceNotFoundException" if kind.endswith(known) else "InvalidParameterException"
    raise RefusedError(code, f"The resource {arn} does not exist, or is of a type that is not supported")


def _remove(asked: Document) -> Document:
    wanted = (asked["ProfileId"], asked["ResourceArn"])
    found = next((each for each in _resources.values() if (each["ProfileId"], each["ResourceArn"]) == wanted), None)
    if found is None:
        raise RefusedError("ResourceNotFoundException", f"The profile {wanted[0]} does not have {wanted[1]}")
    return {"ProfileResourceAssociation": _end_resource({"Id": found["Id"]})}


def _end_resource(asked: Document) -> Document:
    return {**_shown(_resources.pop(asked["Id"])), "Status": "DELETING"}


def _list_resources(asked: Document) -> Document:
    profile = _known(_profiles, asked["ProfileId"], "profile")
    found = [each for each in _resources.values() if each["ProfileId"] == profile["Id"]]
    kinds = [asked["ResourceType"]] if asked.get("ResourceType") else [each["ResourceType"] for each in found]
    return {"ProfileResourceAssociations": [_shown(each) for each in found if each["ResourceType"] in kinds]}


_CALLS: Final[dict[str, Callable[[Document], Document]]] = {
    "CreateProfile": _create_profile,
    "GetProfile": lambda asked: {"Profile": _known(_profiles, asked["ProfileId"], "profile")},
    "ListProfiles": _list_profiles,
    "DeleteProfile": _delete_profile,
    "AssociateProfile": _associate,
    "GetProfileAssociation": lambda asked: {
        "ProfileAssociation": _known(_of_vpcs, asked["ProfileAssociationId"], "association")
    },
    "ListProfileAssociations": _list_associations,
    "DisassociateProfile": _disassociate,
    "AssociateResourceToProfile": _add,
    "GetProfileResourceAssociation": lambda asked: {
        "ProfileResourceAssociation": _shown(_known(_resources, asked["ProfileResourceAssociationId"], "association"))
    },
    "ListProfileResourceAssociations": _list_resources,
    "DisassociateResourceFromProfile": _remove,
    "ListTagsForResource": lambda asked: {"Tags": _tags.get(asked["ResourceArn"], {})},
}


# --- In templates ---


def _template(
    resource_type: str,
    make: Callable[[Document], Document],
    end: Callable[[str], Document],
    store: AccountRegionScopedDict,
) -> None:
    """Let templates have a resource that ``make`` creates and ``end`` deletes; every change but tags replaces it."""

    def create(_: str, properties: Properties, *__: Any) -> tuple[str, Attributes]:
        (made,) = make(dict(properties)).values()
        return made["Id"], _attributes(made)

    def delete(physical_id: str, *_: Any) -> None:
        if physical_id in store:
            end(physical_id)

    def update(physical_id: str, old: Properties, new: Properties, *_: Any) -> tuple[str, Attributes]:
        if {**old, "Tags": None} != {**new, "Tags": None}:
            return replacement(create, delete)(physical_id, old, new)
        _tags[_arn(_kind_of[resource_type], physical_id)] = _map(new.get("Tags"))
        return physical_id, _attributes(store[physical_id])

    def read(physical_id: str, _: Properties) -> Attributes | None:
        if physical_id not in store:
            return None
        return {"Tags": _tags.get(_arn(_kind_of[resource_type], physical_id), {})}

    HANDLERS[resource_type] = {"create": create, "update": update, "delete": delete}
    tagged = resource_type != RESOURCE
    if tagged:
        carry_stack_tags(resource_type)
    drift._DRIFT_READERS[resource_type] = (read, frozenset({"Tags"} if tagged else ()))


_kind_of: Final = {PROFILE: "profile", ASSOCIATION: "profile-association", RESOURCE: "profile-resource-association"}


def _attributes(record: Document) -> Attributes:
    return {
        name: record[name] for name in ("Id", "Arn", "ClientToken", "ShareStatus", "ResourceType") if name in record
    }


# --- Common ---


def _known(store: AccountRegionScopedDict, wanted: str, what: str) -> Document:
    found: Document | None = store.get(wanted)
    if found is None:
        raise RefusedError("ResourceNotFoundException", f"The {what} {wanted} does not exist")
    return found


def _shown(record: Document) -> Document:
    return {key: each for key, each in record.items() if not key.startswith("_")}


def _state() -> Document:
    now = time.time()
    own = {"OwnerId": get_account_id(), "Status": "COMPLETE", "StatusMessage": "Completed"}
    return {**own, "CreationTime": now, "ModificationTime": now}


def _map(tags: list[Document] | None) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in tags or []}


def _new_id(prefix: str) -> str:
    return new_id(prefix)[: len(prefix) + 1 + _ID_LENGTH]


def _arn_prefix(service: str, kind: str) -> str:
    return f"arn:aws:{service}:{get_region()}:{get_account_id()}:{kind}"


def _arn(kind: str, resource_id: str) -> str:
    return f"{_arn_prefix('route53profiles', kind)}/{resource_id}"
