"""Any configuration that is right, as the data of a whole file."""

from typing import Any

from hypothesis import strategies as st

from pinekeep.model.naming import customer_id
from tests.properties import values

Data = dict[str, Any]
MANY_KEYS = 90
"""More of a customer's keys than one managed policy holds."""


def some(draw: st.DrawFn, **settings: st.SearchStrategy[Any]) -> Data:
    """Draw a value for some of the settings; the others are left out."""
    return {name: draw(strategy) for name, strategy in settings.items() if draw(st.booleans())}


@st.composite
def trusts(draw: st.DrawFn) -> Data:
    """Draw who may assume the role: every form, with and without an external ID."""
    trust = some(draw, accept_confused_deputy=st.booleans(), allow_undocumented_regions=st.booleans())
    trust["external_id"] = draw(st.just("none") | values.external_ids)
    if draw(st.booleans()):
        trust["regions"] = "all"
        trust |= some(draw, form=st.sampled_from(["documented", "account-root"]))
        if trust["external_id"] == "none":
            trust["accept_confused_deputy"] = True
        return trust
    allowed = trust.get("allow_undocumented_regions", False)
    region = values.other_regions if allowed else values.documented_regions
    trust["regions"] = draw(st.lists(region, min_size=1, max_size=8, unique=True))
    return trust | some(draw, form=st.just("documented"))


@st.composite
def keys(draw: st.DrawFn, *, account: str, region: str, number: int) -> Data:
    """Draw a key to make or to adopt; what must differ between deployments ends with the number."""
    if draw(st.integers(0, 3)) == 0:
        return {"adopt": draw(values.key_arns(account=account, region=region))}
    administrators = st.lists(values.administrator_names, max_size=4, unique=True).map(
        lambda names: [f"arn:aws:iam::{account}:{name}-admin" for name in names]
    )
    return some(
        draw,
        alias=values.alias_names.map(lambda name: f"{name}_{number}"),
        rotation_days=values.rotation_days,
        multi_region=st.booleans(),
        deletion_window_days=values.deletion_window_days,
        administrators=administrators,
    )


@st.composite
def customers(draw: st.DrawFn, *, region: str, taken: set[str]) -> list[Data]:
    """Draw customers, each with an account that nobody else has."""
    names = draw(st.lists(values.customer_names, max_size=4, unique_by=customer_id))
    accounts = draw(
        st.lists(
            values.accounts.filter(lambda account: account not in taken),
            unique=True,
            min_size=len(names),
            max_size=len(names),
        )
    )
    found = []
    for name, account in zip(names, accounts, strict=True):
        customer: Data = {"name": name, "account": account}
        kind = draw(st.sampled_from(["whole account", "whole account", "named", "named", "many"]))
        if kind == "named":
            arns = values.key_arns(account=account, region=region)
            customer["key_arns"] = draw(st.lists(arns, min_size=1, max_size=3, unique=True))
        elif kind == "many":
            customer["key_arns"] = [
                f"arn:aws:kms:{region}:{account}:key/12345678-1234-4234-8234-{key:012d}" for key in range(MANY_KEYS)
            ]
        found.append(customer)
    return found


@st.composite
def cmeks(draw: st.DrawFn, *, account: str, region: str, number: int, taken: set[str]) -> Data:
    """Draw a role with its key, with customers' keys, or with both."""
    cmek: Data = {"trust": draw(trusts())} | some(
        draw,
        role_name=values.role_names.map(lambda name: f"{name}.{number}"),
        key=keys(account=account, region=region, number=number),
        describe_customer_keys=st.booleans(),
    )
    if draw(st.booleans()):
        cmek["customer_keys"] = draw(customers(region=region, taken=taken))
        there = {customer_id(each["name"]) for each in cmek["customer_keys"]}
        gone = values.customer_names.filter(lambda name: customer_id(name) not in there)
        key = values.key_arns(account="999988887777", region=region)
        role = values.role_names.map(lambda name: f"arn:aws:iam::{account}:role/{name}.gone")
        cmek |= some(
            draw,
            removed_customers=st.lists(gone, max_size=2, unique=True),
            removed_keys=st.lists(key, max_size=2, unique=True),
            removed_roles=st.lists(role, max_size=2, unique=True),
        )
    return cmek


@st.composite
def private_links(draw: st.DrawFn, *, region: str, number: int) -> Data:
    """Draw an endpoint in a VPC that there is or in a new one, with every kind of clients and DNS."""
    end = f"{number:x}"
    vpc_id = draw(values.resource_ids("vpc", end=end))
    if draw(st.booleans()):
        subnets = st.lists(values.resource_ids("subnet", end=end), min_size=2, max_size=4, unique=True)
        vpc: Data = {"id": vpc_id, "subnet_ids": draw(subnets)}
    else:
        zones = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=4, unique=True)
        vpc = {"cidr": draw(values.vpc_cidrs), "availability_zones": [region + zone for zone in draw(zones)]}
    groups = st.lists(values.resource_ids("sg", end=end), max_size=3, unique=True)
    lists = st.lists(values.resource_ids("pl", end=end), max_size=2, unique=True)
    clients = some(draw, cidrs=values.client_cidrs(), security_group_ids=groups, prefix_list_ids=lists)
    if not any(clients.values()):
        clients["cidrs"] = ["10.0.0.0/8"]
    link: Data = {"vpc": vpc, "clients": clients} | some(draw, dns=st.sampled_from(["endpoint", "hosted-zone", "none"]))
    if link.get("dns") == "hosted-zone" and draw(st.booleans()):
        others = values.resource_ids("vpc", end=end).filter(lambda other: other != vpc_id)
        link["client_vpc_ids"] = draw(st.lists(others, max_size=3, unique=True))
    return link


@st.composite
def configurations(draw: st.DrawFn, *, everything: bool = False, most: int = 3) -> Data:
    """Draw the data of a file that is right.

    Args:
        draw: hypothesis's own.
        everything: whether every deployment has both a key and an endpoint.
        most: how many deployments there are at most.
    """
    names = draw(st.lists(values.deployment_names, min_size=1, max_size=most, unique=True))
    pinecone_account = draw(values.accounts)
    own_accounts = draw(
        st.lists(values.accounts.filter(lambda account: account != pinecone_account), min_size=1, max_size=2)
    )
    deployments: Data = {}
    for number, name in enumerate(names):
        account, region = draw(st.sampled_from(own_accounts)), draw(values.regions)
        parts = "both" if everything else draw(st.sampled_from(["both", "cmek", "private_link"]))
        deployment: Data = {"account": account, "region": region} | some(
            draw,
            tags=values.tags,
            iam_path=values.iam_paths,
            permissions_boundary=st.just("arn:aws:iam::aws:policy/PowerUserAccess"),
            bootstrap=st.sampled_from([{}, {"qualifier": "platform"}]),
        )
        if parts != "private_link":
            taken = {pinecone_account, account}
            deployment["cmek"] = draw(cmeks(account=account, region=region, number=number, taken=taken))
        if parts != "cmek":
            deployment["private_link"] = draw(private_links(region=region, number=number))
        deployments[name] = deployment
    content: Data = {"version": 1, "deployments": deployments}
    if any("cmek" in each for each in deployments.values()) or draw(st.booleans()):
        content["pinecone_account"] = pinecone_account
    return content
