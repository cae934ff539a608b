import pytest

from pinekeep.model.config import Deployment
from pinekeep.model.config.roles import PlannedRole, planned_roles
from pinekeep.model.customers.packing import Packing, RoleContent

TRUST = {"regions": ["us-east-1"], "external_id": "none"}
ROLE = "arn:aws:iam::111122223333:role/ours"
POLICY = "arn:aws:iam::111122223333:policy/ours"


def deployment(**cmek: object) -> Deployment:
    settings = {"role_name": "ours", "trust": TRUST, **cmek}
    return Deployment.model_validate({"account": "111122223333", "region": "us-east-1", "cmek": settings})


def test_a_deployment_without_customers_has_one_role_without_policies() -> None:
    assert planned_roles("prod", deployment(), None) == (PlannedRole(1, "ours", ROLE, {}),)


def test_a_deployment_without_a_role_has_none() -> None:
    alone = deployment().model_copy(update={"cmek": None})
    assert planned_roles("prod", alone, None) == ()


def test_an_empty_policy_is_not_planned_and_the_others_keep_their_numbers() -> None:
    roles = (RoleContent(1, (("a",), (), ("b", "c")), ("x", "y")), RoleContent(2, (), ()))
    found = planned_roles(
        "prod", deployment(customer_keys=[{"name": "x", "account": "444455556666"}]), Packing(roles, {})
    )
    assert found == (
        PlannedRole(1, "ours", ROLE, {f"{POLICY}-keys-1": ("a",), f"{POLICY}-keys-3": ("b", "c")}),
        PlannedRole(2, "ours-2", f"{ROLE}-2", {}),
    )


def test_customers_need_places() -> None:
    with pytest.raises(ValueError, match="the customers of deployment prod have no places"):
        planned_roles("prod", deployment(customer_keys=[{"name": "x", "account": "444455556666"}]), None)
