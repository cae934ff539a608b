"""Route 53."""

from typing import Any
from xml.etree.ElementTree import Element

from ministack.services import route53

from pinekeep.emulator.extensions import private_names, zone_associations
from pinekeep.emulator.extensions.patching import (
    Attributes,
    Properties,
    after_provisioning,
    before_deletion,
    carry_stack_tags,
)

ESCAPED_ASTERISK = "\\052"


def private_hosted_zones() -> None:
    """Gap: a template's zone is always public, and its tags are lost.

    On AWS a zone with `VPCs` is private: GetHostedZone returns `PrivateZone` and the VPCs, and
    ListHostedZonesByVPC finds it. Associations follow the template, except those of other accounts' VPCs; the zone's
    name is fixed. A VPC of another account is refused, and one in which another zone or an endpoint has the name.
    """

    def complete(physical_id: str, attributes: Attributes, properties: Properties) -> Attributes:
        zone = route53._zones[physical_id]
        vpcs = [{"VPCRegion": v["VPCRegion"], "VPCId": v["VPCId"]} for v in properties.get("VPCs") or []]
        for vpc in vpcs:
            if vpc in zone.get("vpcs", []):
                continue
            if refused := zone_associations.refusal_of(zone["name"], vpc, besides=physical_id):
                if "vpcs" not in zone:  # never created, so nobody else would delete it
                    route53._zones.pop(physical_id)
                    route53._records.pop(physical_id, None)
                raise ValueError(refused[1])
        owner = private_names.account_of_zone(physical_id)
        others = [
            each
            for each in zone.get("vpcs", [])
            if private_names.account_of_vpc(each["VPCId"], each["VPCRegion"]) not in (None, owner)
        ]
        zone.update(private=bool(vpcs), vpcs=[*vpcs, *others])
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("HostedZoneTags") or []}
        route53._tags[("hostedzone", physical_id)] = tags
        return attributes

    def forget_tags(physical_id: str) -> None:
        route53._tags.pop(("hostedzone", physical_id), None)

    after_provisioning("AWS::Route53::HostedZone", complete)
    before_deletion("AWS::Route53::HostedZone", forget_tags)
    carry_stack_tags("AWS::Route53::HostedZone", tag_property="HostedZoneTags")


def escaped_record_names() -> None:
    r"""Gap: the wildcard record `*.example.com` is listed with an asterisk.

    AWS accepts `*` and `\052` alike, and lists the record as `\052.example.com.`.
    """
    build = route53._build_record_set_el
    normalise = route53._normalise_name

    def build_escaped(parent: Element, record: dict[str, Any]) -> None:
        build(parent, {**record, "Name": record["Name"].replace("*", ESCAPED_ASTERISK)})

    def normalise_unescaped(name: str) -> str:
        return str(normalise(name.replace(ESCAPED_ASTERISK, "*") if name else name))

    route53._build_record_set_el = build_escaped
    route53._normalise_name = normalise_unescaped
