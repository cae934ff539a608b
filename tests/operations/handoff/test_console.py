"""What is handed over: exactly the console's fields, in its order and words."""

from collections.abc import Callable

import pytest

from pinekeep.errors import PinekeepError
from pinekeep.model.config import Deployment
from pinekeep.model.config.derived import customer_keys_of
from pinekeep.model.customers.packing import pack
from pinekeep.model.naming import Output
from pinekeep.model.output.handoff import HandoffOutput
from pinekeep.operations.handoff.console import as_markdown, as_text, handoff

CMEK = {"trust": {"regions": ["us-east-1"], "external_id": "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"}}
LINK = {
    "vpc": {"cidr": "10.20.0.0/16", "availability_zones": ["us-east-1a", "us-east-1b"]},
    "clients": {"cidrs": ["10.20.0.0/16"]},
}
ROLE = "arn:aws:iam::111122223333:role/pinekeep-a-us-east-1"
KEY = "arn:aws:kms:us-east-1:111122223333:key/12345678-1234-4234-8234-123456789012"
OUTPUTS: dict[str, str] = {
    Output.ROLE_ARN: ROLE,
    Output.KEY_ARN: KEY,
    Output.EXTERNAL_ID: "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13",
    Output.VPC_ENDPOINT_ID: "vpce-0a1b2c3d4e5f60718",
}


def deployment(**parts: object) -> Deployment:
    return Deployment.model_validate({"account": "111122223333", "region": "us-east-1", **parts})


def fields(outputs: dict[str, str] | None = None, **parts: object) -> list[list[tuple[str, str]]]:
    handed = handoff({"a": deployment(**parts)}, {"a": OUTPUTS if outputs is None else outputs})
    return [[(field.label, field.value) for field in page.fields] for page in handed.pages]


def test_the_key_page_has_the_consoles_four_fields_in_its_order() -> None:
    assert fields(cmek=CMEK) == [
        [
            ("Key name", "a"),
            ("Role ARN", ROLE),
            ("Key ARN", KEY),
            ("External ID", "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13"),
        ]
    ]


def test_the_endpoint_page_has_the_endpoints_id_and_region() -> None:
    assert fields(private_link=LINK) == [[("VPC endpoint ID", "vpce-0a1b2c3d4e5f60718"), ("Region", "us-east-1")]]


def test_without_an_external_id_the_field_is_left_blank() -> None:
    outputs = {**OUTPUTS, Output.EXTERNAL_ID: "none"}
    assert fields(outputs, cmek=CMEK)[0][-1] == ("External ID", "")
    text = as_text(handoff({"a": deployment(cmek=CMEK)}, {"a": outputs}))
    assert "External ID  leave blank" in text
    assert "| External ID | *leave blank* |" in as_markdown(handoff({"a": deployment(cmek=CMEK)}, {"a": outputs}))


def test_a_stack_that_is_not_deployed_is_told_with_what_to_do() -> None:
    with pytest.raises(PinekeepError, match="a has no RoleArn yet") as caught:
        fields({Output.EXTERNAL_ID: "none"}, cmek=CMEK)
    assert caught.value.hint == "`pinekeep deploy --deployment a`, then `pinekeep verify`"


@pytest.mark.parametrize("render", [as_text, as_markdown])
def test_every_rendering_has_each_value_the_page_and_the_warnings(render: Callable[[HandoffOutput], str]) -> None:
    handed = handoff({"a": deployment(cmek=CMEK, private_link=LINK)}, {"a": OUTPUTS})
    text = render(handed)
    for value in OUTPUTS.values():
        assert value in text
    assert "Manage > CMEK > Add CMEK" in text
    assert "Settings > Network > PRIVATE ENDPOINTS > Add an endpoint" in text
    assert "One key per project, and it cannot be changed" in text
    assert '"Restrict access to only private endpoints" off' in text
    assert "Settings > Network > ACCESS" in text
    assert "Confirm and proceed" in text


def test_what_the_admin_api_does_to_existing_projects_is_said_with_what_is_not_known() -> None:
    text = as_text(handoff({"a": deployment(cmek=CMEK)}, {"a": OUTPUTS}))
    assert "can also turn it on for an existing project, for good" in text
    assert "is not documented" in text
    assert "cannot be turned on" not in text


def test_each_customer_has_a_page_with_the_role_it_let_in() -> None:
    customers = [{"name": "Acme Inc.", "account": "444455556666"}]
    settings = deployment(cmek={**CMEK, "customer_keys": customers})
    handed = handoff({"a": settings}, {"a": OUTPUTS}, customers={"a": pack(customer_keys_of(settings))})
    assert [page.title for page in handed.pages] == ["Add the key of customer Acme Inc. to its project"]
    assert [field.value for field in handed.pages[0].fields] == [
        "acme-inc",
        ROLE,
        "the ARN that the customer sends, arn:aws:kms:REGION:444455556666:key/KEY-ID",
        "3f2b8a54-9c1d-4e7a-8b6f-0d2e5c7a9b13",
    ]
