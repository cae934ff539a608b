"""The placeholders of the samples: values that no deployment has, and that released templates replace."""

from typing import Final

NAME: Final = "placeholder-name"
ACCOUNT: Final = "990000000099"
REGION: Final = "ap-southeast-1"
"""The Region of the samples: one with an endpoint service, and not among those that a trust policy names."""
PINECONE_ACCOUNT: Final = "880000000088"
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/placeholder-boundary"
PATH: Final = "/placeholder-path/"
ROLE: Final = "placeholder-role"
ALIAS: Final = "placeholder/alias"
KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000099"
EXTERNAL_ID: Final = "5ba9e000-0000-4000-8000-000000000099"
ADMINISTRATOR: Final = f"arn:aws:iam::{ACCOUNT}:role/placeholder-administrator"
CUSTOMER: Final = "777700007777"
ROTATION_DAYS: Final = 2559
DELETION_WINDOW_DAYS: Final = 29
VPC: Final = "vpc-fadefadefadefade0"
SUBNETS: Final = ("subnet-fadefadefadefade1", "subnet-fadefadefadefade2")
NEW_VPC: Final = "10.97.0.0/16"
ZONES: Final = {f"{REGION}a": "10.97.0.0/19", f"{REGION}b": "10.97.32.0/19"}
CLIENT_VPC: Final = "vpc-fadefadefadefac"
"""The client VPCs; two digits follow."""


def client_cidr(number: int) -> str:
    """Return a network of clients by its number."""
    return f"10.99.{number}.0/24"


def client_group(number: int) -> str:
    """Return a security group of clients by its number."""
    return f"sg-fadefadefadefad{number:02}"


def client_vpc(number: int) -> str:
    """Return a client VPC by its number."""
    return f"{CLIENT_VPC}{number:02}"


def resolver_client(number: int) -> str:
    """Return a network of DNS servers by its number."""
    return f"10.98.{number}.0/24"
