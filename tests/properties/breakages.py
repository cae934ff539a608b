"""One thing wrong with a configuration that is right otherwise: each way of it, with the code of the refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.properties.configurations import Data

OTHER = "999988887777"
ID = "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"
VPC = "vpc-0a1b2c3d4e5f60718"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"


@dataclass(frozen=True)
class Place:
    """A deployment to break, in its file. It has a key and an endpoint."""

    file: Data
    name: str

    @property
    def deployment(self) -> Data:
        return dict.__getitem__(self.file["deployments"], self.name)

    @property
    def cmek(self) -> Data:
        return dict.__getitem__(self.deployment, "cmek")

    def role(self, name: str) -> str:
        """Return the ARN of a role that the deployment makes."""
        return f"arn:aws:iam::{self.account}:role{self.deployment.get('iam_path', '/')}{name}"

    @property
    def trust(self) -> Data:
        return dict.__getitem__(self.cmek, "trust")

    @property
    def link(self) -> Data:
        return dict.__getitem__(self.deployment, "private_link")

    @property
    def account(self) -> str:
        return str(self.deployment["account"])

    @property
    def region(self) -> str:
        return str(self.deployment["region"])

    def key_arn(self, *, account: str | None = None, region: str | None = None, partition: str = "aws") -> str:
        return f"arn:{partition}:kms:{region or self.region}:{account or self.account}:key/{KEY_ID}"

    def customer(self, **settings: Any) -> Data:
        """Make the deployment's only customer this one."""
        customer = {"name": "acme", "account": OTHER, **settings}
        self.cmek["customer_keys"] = [customer]
        self.cmek.pop("removed_customers", None)
        return customer


@dataclass(frozen=True)
class Breakage:
    """A way to break a configuration.

    Attributes:
        code: the code of the problem that is told.
        values: what may be written; one of them is drawn.
        write: writes it.
    """

    code: str
    values: st.SearchStrategy[Any]
    write: Callable[[Place, Any], None]


BREAKAGES: list[Breakage] = []
Write = Callable[[Place, Any], None]


def breaks(code: str, *values: Any, drawn: st.SearchStrategy[Any] | None = None) -> Callable[[Write], Write]:
    """Note a way to break a configuration: the code it gets, and the values to write."""

    def note(write: Write) -> Write:
        BREAKAGES.append(Breakage(code, drawn if drawn is not None else st.sampled_from(values or (None,)), write))
        return write

    return note


# --- The file and its deployments ---


@breaks("version", 0, 2, "1", 1.5)
def _(place: Place, value: Any) -> None:
    place.file["version"] = value


@breaks("missing", "version", "deployments")
def _(place: Place, value: Any) -> None:
    del place.file[value]


@breaks("missing", "account", "region")
def _(place: Place, value: Any) -> None:
    del place.deployment[value]


@breaks("unknown-name", drawn=st.text(st.sampled_from("qwz_"), min_size=3, max_size=9))
def _(place: Place, value: Any) -> None:
    for holder in (place.file, place.deployment, place.cmek, place.trust, place.link):
        holder[value] = True


@breaks("pinecone-account-missing")
def _(place: Place, _value: Any) -> None:
    del place.file["pinecone_account"]


@breaks("same-account")
def _(place: Place, _value: Any) -> None:
    place.file["pinecone_account"] = place.account


@breaks("account-of-s3-integration", "account", "pinecone_account")
def _(place: Place, value: Any) -> None:
    holder = place.file if value == "pinecone_account" else place.deployment
    holder[value] = "713131977538"


@breaks("account-placeholder", "000000000000", "123456789012", "111111111111", "XXXXXXXXXXXX", "<account>")
def _(place: Place, value: Any) -> None:
    place.deployment["account"] = value


@breaks("account-length", drawn=st.from_regex(r"[1-8][0-9]{2,10}9|[1-8][0-9]{12,20}9", fullmatch=True))
def _(place: Place, value: Any) -> None:
    place.deployment["account"] = value[:11] if len(value) == 12 else value


@breaks(
    "account-format",
    "1111-2222-3333",
    " 111122223333",
    "\uff11\uff11\uff11\uff11\uff12\uff12\uff12\uff12\uff13\uff13\uff13\uff13",
    "account",
    "",
)
def _(place: Place, value: Any) -> None:
    place.deployment["account"] = value


@breaks("account-not-quoted", 111122223333, 12345, 17)
def _(place: Place, value: Any) -> None:
    place.deployment["account"] = value


@breaks("region-without-pinecone", "us-east-2", "us-east", "cn-north-1", "all", "")
def _(place: Place, value: Any) -> None:
    place.deployment["region"] = value


@breaks("deployment-name", "Search", "a--b", "-a", "a-", "a_b", "", "a b", "é")
def _(place: Place, value: Any) -> None:
    place.file["deployments"] = {value: place.deployment}


@breaks("deployment-name-length", drawn=st.integers(41, 90))
def _(place: Place, value: Any) -> None:
    place.file["deployments"] = {"a" * value: place.deployment}


@breaks("nothing-to-deploy")
def _(place: Place, _value: Any) -> None:
    del place.deployment["cmek"], place.deployment["private_link"]


@breaks("tag-twice", "team")
def _(place: Place, value: Any) -> None:
    place.deployment["tags"] = {value: "1", value.upper(): "2"}


@breaks("tag-key-ours", "pinekeep:deployment", "Pinekeep:DEPLOYMENT")
def _(place: Place, value: Any) -> None:
    place.deployment["tags"] = {value: "x"}


@breaks("tag-key-reserved", "aws:x", "AWS:x", "Aws:cloudformation:stack-name")
def _(place: Place, value: Any) -> None:
    place.deployment["tags"] = {value: "x"}


@breaks("too-many", drawn=st.integers(50, 60))
def _(place: Place, value: Any) -> None:
    place.deployment["tags"] = {f"tag{number}": "x" for number in range(value)}


# --- The role and who may assume it ---


@breaks("confused-deputy")
def _(place: Place, _value: Any) -> None:
    place.cmek["trust"] = {"regions": "all", "external_id": "none"}


@breaks("form-without-all")
def _(place: Place, _value: Any) -> None:
    place.cmek["trust"] = {"regions": ["us-east-1"], "external_id": ID, "form": "account-root"}


@breaks("trust-region-undocumented", "eu-central-1", "ap-southeast-1", "ap-south-1")
def _(place: Place, value: Any) -> None:
    place.cmek["trust"] = {"regions": ["us-east-1", value], "external_id": ID}


@breaks("trust-region-format", "us-east-1a", "*", "us-*-1", "us-east-1/*", "")
def _(place: Place, value: Any) -> None:
    place.trust["regions"] = [value]


@breaks("trust-region-all")
def _(place: Place, _value: Any) -> None:
    place.cmek["trust"] = {"regions": ["all"], "external_id": ID}


@breaks("regions", "us-east-1", "every", "*")
def _(place: Place, value: Any) -> None:
    place.trust["regions"] = value


@breaks("trust-regions-few")
def _(place: Place, _value: Any) -> None:
    place.cmek["trust"] = {"regions": list[Any](), "external_id": ID}


@breaks("trust-regions-twice")
def _(place: Place, _value: Any) -> None:
    place.cmek["trust"] = {"regions": ["us-east-1", "us-west-2", "us-east-1"], "external_id": ID}


@breaks("trust-policy-length", drawn=st.integers(30, 60))
def _(place: Place, value: Any) -> None:
    regions = [f"xx-{'abcdefgh'[number % 8] * (number // 8 + 1)}-1" for number in range(value)]
    place.cmek["trust"] = {"regions": regions, "external_id": ID, "allow_undocumented_regions": True}


@breaks("external-id-wildcard", "*", "3f2b8a54-*", "????????-9c1d-4e7a-8b6f-0d2e5c7a9b13")
def _(place: Place, value: Any) -> None:
    place.trust["external_id"] = value


@breaks("external-id-version", "3f2b8a54-9c1d-1e7a-8b6f-0d2e5c7a9b13", "3f2b8a54-9c1d-4e7a-7b6f-0d2e5c7a9b13")
def _(place: Place, value: Any) -> None:
    place.trust["external_id"] = value


@breaks("external-id-placeholder", "00000000-0000-4000-8000-000000000000")
def _(place: Place, value: Any) -> None:
    place.trust["external_id"] = value


@breaks("external-id-format", "None", "pinecone", "", ID + "x", ID[:-1], "{" + ID + "}", ID + "\n")
def _(place: Place, value: Any) -> None:
    place.trust["external_id"] = value


@breaks("role-name", "a b", "pinecone/role", "", "a*", "é")
def _(place: Place, value: Any) -> None:
    place.cmek["role_name"] = value


@breaks("role-name-arn")
def _(place: Place, _value: Any) -> None:
    place.cmek["role_name"] = f"arn:aws:iam::{place.account}:role/pinecone"


@breaks("role-name-length", drawn=st.integers(65, 200))
def _(place: Place, value: Any) -> None:
    place.cmek["role_name"] = "r" * value


@breaks("role-name-taken", "same", "SAME")
def _(place: Place, value: Any) -> None:
    place.cmek["role_name"] = value
    trust = {"regions": ["us-east-1"], "external_id": "none"}
    deployment = {"account": place.account, "region": "us-east-1", "cmek": {"role_name": "same", "trust": trust}}
    place.file["deployments"]["another-one-with-the-role"] = deployment


@breaks("not-true-or-false", "yes", 1, [])
def _(place: Place, value: Any) -> None:
    place.trust["accept_confused_deputy"] = value


# --- The key ---


@breaks("adopt-with-settings", "alias", "rotation_days", "administrators")
def _(place: Place, value: Any) -> None:
    settings = {"alias": "x", "rotation_days": 365, "administrators": list[Any]()}
    place.cmek["key"] = {"adopt": place.key_arn(), value: settings[value]}


@breaks("adopt-account")
def _(place: Place, _value: Any) -> None:
    place.cmek["key"] = {"adopt": place.key_arn(account=OTHER)}


@breaks("adopt-region", "us-gov-west-1", "ap-south-1")
def _(place: Place, value: Any) -> None:
    place.cmek["key"] = {"adopt": place.key_arn(region=value)}


@breaks("adopt-partition", "aws-cn", "aws-us-gov")
def _(place: Place, value: Any) -> None:
    place.cmek["key"] = {"adopt": place.key_arn(partition=value)}


@breaks("key-arn", "*", "alias/x", KEY_ID, "arn:aws:kms:us-east-1:111122223333:alias/x", "")
def _(place: Place, value: Any) -> None:
    place.cmek["key"] = {"adopt": value}


@breaks("rotation-days-bounds", 89, 2561, 0, -1)
def _(place: Place, value: Any) -> None:
    place.cmek["key"] = {"rotation_days": value}


@breaks("deletion-window-days-bounds", 6, 31, 0, -1)
def _(place: Place, value: Any) -> None:
    place.cmek["key"] = {"deletion_window_days": value}


@breaks("alias-prefix", "alias/x", "alias/")
def _(place: Place, value: Any) -> None:
    place.cmek["key"] = {"alias": value}


@breaks("alias-reserved", "aws/x", "AWS/kms")
def _(place: Place, value: Any) -> None:
    place.cmek["key"] = {"alias": value}


@breaks("administrator-account")
def _(place: Place, _value: Any) -> None:
    place.cmek["key"] = {"administrators": [f"arn:aws:iam::{OTHER}:role/keys"]}


@breaks("administrator-is-pinecone")
def _(place: Place, _value: Any) -> None:
    place.cmek["role_name"] = "pinecone"
    place.cmek["key"] = {"administrators": [place.role("pinecone")]}


@breaks("principal-arn", "*", "{}:root", "{}:role/*", "{}:group/keys", "{}:role/", "111122223333", "")
def _(place: Place, value: Any) -> None:
    place.cmek["key"] = {"administrators": [value.format(f"arn:aws:iam::{place.account}")]}


# --- Customers ---


@breaks("customer-is-not-another")
def _(place: Place, _value: Any) -> None:
    place.customer(account=place.account)


@breaks("customer-is-not-another")
def _(place: Place, _value: Any) -> None:
    place.customer(account=place.file["pinecone_account"])


@breaks("customer-names-collide", "Acme", "acme.", "ACME")
def _(place: Place, value: Any) -> None:
    place.cmek["customer_keys"] = [place.customer(), {"name": value, "account": "999988886666"}]


@breaks("customer-twice")
def _(place: Place, _value: Any) -> None:
    place.cmek["customer_keys"] = [place.customer(), {"name": "acme", "account": "999988886666"}]


@breaks("customer-account-twice")
def _(place: Place, _value: Any) -> None:
    place.cmek["customer_keys"] = [place.customer(), {"name": "globex", "account": OTHER}]


@breaks("customer-key-account")
def _(place: Place, _value: Any) -> None:
    place.customer(key_arns=[place.key_arn(account="999988886666")])


@breaks("customer-key-region", "ap-south-1")
def _(place: Place, value: Any) -> None:
    place.customer(key_arns=[place.key_arn(account=OTHER, region=value)])


@breaks("customer-key-partition", "aws-cn")
def _(place: Place, value: Any) -> None:
    place.customer(key_arns=[place.key_arn(account=OTHER, partition=value)])


@breaks("customer-key-twice")
def _(place: Place, _value: Any) -> None:
    place.customer(key_arns=[place.key_arn(account=OTHER)] * 2)


@breaks("customer-key-arns-few")
def _(place: Place, _value: Any) -> None:
    place.customer(key_arns=[])


@breaks("customers-do-not-fit", drawn=st.integers(800, 810))
def _(place: Place, value: Any) -> None:
    arn = place.key_arn(account=OTHER).removesuffix("1234567890ab")
    place.customer(key_arns=[f"{arn}{number:012d}" for number in range(value)])


@breaks("removed-customer-is-there")
def _(place: Place, _value: Any) -> None:
    place.customer()
    place.cmek["removed_customers"] = ["ACME"]


@breaks("removed-key-is-there")
def _(place: Place, _value: Any) -> None:
    arn = place.key_arn(account=OTHER)
    place.customer(key_arns=[arn])
    place.cmek["removed_keys"] = [arn]


@breaks("removed-role-is-there")
def _(place: Place, _value: Any) -> None:
    place.customer()
    place.cmek["role_name"] = "ours"
    place.cmek["removed_roles"] = [place.role("ours")]


@breaks("role-arn", "ours", "arn:aws:iam::1:role/ours", "arn:aws:iam::111122223333:user/ours", "")
def _(place: Place, value: Any) -> None:
    place.cmek["removed_roles"] = [value]


@breaks("key-policy-size", drawn=st.integers(400, 410))
def _(place: Place, value: Any) -> None:
    names = [f"arn:aws:iam::{place.account}:role/administrator-{number}" for number in range(value)]
    place.cmek["key"] = {"administrators": names}


# --- The endpoint ---


@breaks("no-clients")
def _(place: Place, _value: Any) -> None:
    place.link["clients"] = dict[str, Any]()


@breaks("cidr-open", "0.0.0.0/0", "0.0.0.0/7", "128.0.0.0/1")
def _(place: Place, value: Any) -> None:
    place.link["clients"] = {"cidrs": [value]}


@breaks("cidr-host-bits", "10.0.0.1/16", "192.168.1.1/24")
def _(place: Place, value: Any) -> None:
    place.link["clients"] = {"cidrs": [value]}


@breaks("cidr", "10.0.0.0", "10.0.0.0/33", "256.0.0.0/8", "10.0.0.0/255.0.0.0", "network", "")
def _(place: Place, value: Any) -> None:
    place.link["clients"] = {"cidrs": [value]}


@breaks("cidr-overlap", "10.1.0.0/16", "10.255.255.255/32")
def _(place: Place, value: Any) -> None:
    place.link["clients"] = {"cidrs": [value, "10.0.0.0/8"]}


@breaks("too-many-clients", drawn=st.integers(61, 70))
def _(place: Place, value: Any) -> None:
    place.link["clients"] = {"cidrs": [f"10.{number}.0.0/16" for number in range(value)]}


@breaks("zone-region")
def _(place: Place, _value: Any) -> None:
    other = "eu-west-1" if place.region != "eu-west-1" else "us-east-1"
    zones = [f"{place.region}a", f"{other}b"]
    place.link["vpc"] = {"cidr": "10.0.0.0/16", "availability_zones": zones}


@breaks("availability-zones-few")
def _(place: Place, _value: Any) -> None:
    place.link["vpc"] = {"cidr": "10.0.0.0/16", "availability_zones": [f"{place.region}a"]}


@breaks("vpc-cidr-size", "10.0.0.0/15", "10.0.0.0/26")
def _(place: Place, value: Any) -> None:
    place.link["vpc"] = {"cidr": value, "availability_zones": [f"{place.region}{zone}" for zone in "ab"]}


@breaks("vpc-cidr-public", "8.8.0.0/16", "172.32.0.0/16", "100.128.0.0/20")
def _(place: Place, value: Any) -> None:
    place.link["vpc"] = {"cidr": value, "availability_zones": [f"{place.region}{zone}" for zone in "ab"]}


@breaks("client-vpcs-without-zone", "endpoint", "none")
def _(place: Place, value: Any) -> None:
    place.link["dns"] = value
    place.link["client_vpc_ids"] = [VPC]


@breaks("client-vpc-twice")
def _(place: Place, _value: Any) -> None:
    subnets = ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"]
    place.link.update({"vpc": {"id": VPC, "subnet_ids": subnets}, "dns": "hosted-zone", "client_vpc_ids": [VPC]})


# --- The wrong kind of value, anywhere ---


@breaks("no-value", "account", "region", "cmek")
def _(place: Place, value: Any) -> None:
    holder = place.cmek if value == "cmek" else place.deployment
    holder["trust" if value == "cmek" else value] = None


@breaks("not-a-mapping", "text", 7, [1], True)
def _(place: Place, value: Any) -> None:
    place.cmek["trust"] = value


@breaks("not-a-list", "text", 7, {"a": 1}, True)
def _(place: Place, value: Any) -> None:
    place.link["clients"] = {"cidrs": value}
