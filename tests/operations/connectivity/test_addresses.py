"""Addresses and names that are given, and those that are refused."""

import ipaddress

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.operations.connectivity.addresses import endpoint_name, inbound_addresses

TARGET = "vpce-0a1b2c3d4e5f60718-abcd1234.vpce-svc-05ef6f1f0b9130b54.us-east-1.vpce.amazonaws.com"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "the addresses of the Route 53 Resolver inbound endpoint are needed"),
        (["10.20.0"], "an address is written like"),
        (["10.20.0.10/32"], "an address is written like"),
        (["10.20.0.10,10.20.32.10"], "an address is written like"),
        (["10.20.0.10", "10.20.0.10"], "10.20.0.10 is given twice"),
        (["fd00::10", "fd00:0::10"], "fd00::10 is given twice"),
        *[
            ([each], f"{each} is not an address in a VPC")
            for each in ("8.8.8.8", "127.0.0.1", "169.254.169.253", "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "ff02::1")  # noqa: S104
        ],
        (["::ffff:10.20.0.10"], "is not an address in a VPC"),
        (["10.20.0.10\n}; evil"], "an address is written like"),
        (["fe80::1%eth0"], "is not an address in a VPC"),
    ],
)
def test_addresses_that_no_inbound_endpoint_has_are_refused(given: list[str], message: str) -> None:
    with pytest.raises(WrongInputError) as refused:
        inbound_addresses(given)
    assert message in refused.value.message
    assert refused.value.hint


def test_addresses_in_a_vpc_are_accepted_and_one_alone_is_warned_of() -> None:
    given = ["10.20.0.10", "100.64.0.1", "fd00::10", "2600:1f18::10"]
    assert inbound_addresses(given) == ([ipaddress.ip_address(each) for each in given], [])
    found, (warning,) = inbound_addresses(["10.20.0.10"])
    assert found == [ipaddress.ip_address("10.20.0.10")]
    assert "10.20.0.10 is the only address" in warning


def test_the_name_of_an_endpoint_is_taken_and_any_other_is_refused() -> None:
    assert endpoint_name(f"{TARGET.upper()}.") == TARGET
    for wrong in (
        "",
        "example.com",
        f"{TARGET}; }}",
        f"{TARGET}\n",
        f"evil.com {TARGET}",
        TARGET.replace("vpce-0", "*"),
    ):
        with pytest.raises(WrongInputError, match="--target"):
            endpoint_name(wrong)
