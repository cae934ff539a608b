"""The released shapes of roles and keys."""

from collections.abc import Mapping
from typing import Any, Final

from pinekeep.model.facts import pinecone
from pinekeep.model.policies.key import MULTI_REGION_ACTIONS
from pinekeep.model.policies.trust import trust_policy
from pinekeep.model.values.trust import NO_EXTERNAL_ID, PLACEHOLDER_EXTERNAL_ID
from pinekeep.operations.release import parameters, samples
from pinekeep.operations.release.parameterization import ConditionalResource, Slot, optional
from pinekeep.operations.release.parameters import NOT_ALL, trust_parameter
from pinekeep.operations.release.shape import (
    BOUNDARY_CONDITION,
    BOUNDED,
    COMMON,
    ReleasedShape,
    differs,
    equals,
    ref,
    rule,
)

_ALL: Final = parameters.TRUST_ALL.name
_TRUSTED: Final = {region: trust_parameter(region) for region in pinecone.DOCUMENTED_ACCESS_REGIONS}
_TRUSTS_ALL: Final = "TrustsAllRegions"
_TRUSTS_ROOT: Final = "TrustsAllByAccountRoot"
_HAS_EXTERNAL_ID: Final = "HasExternalId"
_HAS_CONDITION: Final = "HasTrustCondition"
_SLOTS: Final = (
    *COMMON,
    *BOUNDED,
    Slot(placeholder=samples.PINECONE_ACCOUNT, value=ref("PineconeAccount"), variable="PineconeAccount"),
    Slot(placeholder=samples.EXTERNAL_ID, value=ref("ExternalId"), variable="ExternalId"),
    Slot(placeholder=samples.ROLE, value=ref("RoleName"), variable="RoleName"),
    *(
        Slot(placeholder=f"{pinecone.ACCESS_ROLE_PREFIX}{region}", condition=f"{parameter}Given")
        for region, parameter in _TRUSTED.items()
    ),
)
_CONDITIONS: Final = {
    **BOUNDARY_CONDITION,
    **{f"{parameter}Given": equals(parameter, "true") for parameter in _TRUSTED.values()},
    _TRUSTS_ALL: differs(_ALL, NOT_ALL),
    _TRUSTS_ROOT: equals(_ALL, "account-root"),
    _HAS_EXTERNAL_ID: differs("ExternalId", NO_EXTERNAL_ID),
    _HAS_CONDITION: {"Fn::Or": [{"Condition": _TRUSTS_ALL}, {"Condition": _HAS_EXTERNAL_ID}]},
}
_NAMES_A_REGION: Final = {"Fn::Or": [equals(parameter, "true") for parameter in _TRUSTED.values()]}
_RULES: Final = {
    "TrustsARegion": rule(
        {"Fn::Or": [differs(_ALL, NOT_ALL), _NAMES_A_REGION]}, "Trust at least one Pinecone region, or all"
    ),
    "TrustsAllOrSome": rule(
        {"Fn::Or": [equals(_ALL, NOT_ALL), {"Fn::Not": [_NAMES_A_REGION]}]},
        f"Name no Region beside {_ALL}, which covers it",
    ),
    "IsNoConfusedDeputy": rule(
        {
            "Fn::Or": [
                equals(_ALL, NOT_ALL),
                differs("ExternalId", NO_EXTERNAL_ID),
                equals(parameters.CONFUSED_DEPUTY.name, "true"),
            ]
        },
        "Trust in all Regions without an external ID allows any Pinecone customer who learns the role's ARN to have "
        "Pinecone use your key: give an external ID, name the Regions, or accept it",
    ),
    "HasAnExternalIdOfItsOwn": rule(
        differs("ExternalId", PLACEHOLDER_EXTERNAL_ID),
        "Give this account an external ID of its own, in place of the placeholder",
    ),
}


def _trust_policy() -> dict[str, Any]:
    """Return the trust policy with placeholders, in the form that the parameters choose."""
    listed, documented, root = (
        trust_policy(
            pinecone_account=samples.PINECONE_ACCOUNT,
            regions=regions,
            external_id=samples.EXTERNAL_ID,
            form=form,
        )
        for regions, form in ((list(_TRUSTED), "documented"), ("all", "documented"), ("all", "account-root"))
    )
    (one,), (every,), (of_root,) = (each["Statement"] for each in (listed, documented, root))
    by_form = {"Fn::If": [_TRUSTS_ROOT, of_root["Principal"], every["Principal"]]}
    condition = {
        "StringLike": optional(_TRUSTS_ALL, every["Condition"]["StringLike"]),
        "StringEquals": optional(_HAS_EXTERNAL_ID, one["Condition"]["StringEquals"]),
    }
    statement = {
        **one,
        "Principal": {"Fn::If": [_TRUSTS_ALL, by_form, one["Principal"]]},
        "Condition": optional(_HAS_CONDITION, condition),
    }
    return {**listed, "Statement": [statement]}


_PROPERTIES: Final = {"AssumeRolePolicyDocument": _trust_policy()}
_ROLE_ELSEWHERE: Final = ConditionalResource(
    logical_id="PineconeRole",
    condition="CreatesRole",
    attributes={"Arn": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:role${RolePath}${RoleName}"}},
)
_CREATES_ROLE: Final = {"Fn::Or": [equals("RoleRegion", ""), {"Fn::Equals": [ref("RoleRegion"), ref("AWS::Region")]}]}


def _sample(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "iam_path": samples.PATH,
        "permissions_boundary": samples.BOUNDARY,
        "cmek": {
            "role_name": samples.ROLE,
            "trust": {"regions": list(_TRUSTED), "external_id": samples.EXTERNAL_ID},
            **settings,
        },
    }


CMEK: Final = (
    ReleasedShape(
        key="cmek-own-key",
        title="An IAM role for Pinecone and a KMS key that it uses (CMEK)",
        part="cmek",
        sample=_sample(
            {
                "key": {
                    "alias": samples.ALIAS,
                    "administrators": [samples.ADMINISTRATOR],
                    "rotation_days": samples.ROTATION_DAYS,
                    "deletion_window_days": samples.DELETION_WINDOW_DAYS,
                    "multi_region": True,
                }
            }
        ),
        parameters=(parameters.DEPLOYMENT, *parameters.TRUST, *parameters.OWN_ROLE, *parameters.KEY),
        slots=(
            *_SLOTS,
            Slot(placeholder=samples.ALIAS, value=ref("KeyAlias"), variable="KeyAlias"),
            *(Slot(placeholder=action, condition="IsMultiRegion") for action in MULTI_REGION_ACTIONS),
            Slot(placeholder=samples.ROTATION_DAYS, value=ref("RotationDays")),
            Slot(placeholder=samples.DELETION_WINDOW_DAYS, value=ref("DeletionWindowDays")),
            Slot(
                placeholder=samples.ADMINISTRATOR,
                value=ref("KeyAdministrators"),
                condition="HasAdministrators",
                is_list=True,
            ),
        ),
        properties={**_PROPERTIES, "MultiRegion": {"Fn::If": ["IsMultiRegion", True, False]}},
        conditional=(_ROLE_ELSEWHERE,),
        conditions={
            **_CONDITIONS,
            _ROLE_ELSEWHERE.condition: _CREATES_ROLE,
            "IsMultiRegion": equals("MultiRegion", "true"),
            "HasAdministrators": {"Fn::Not": [{"Fn::Equals": [{"Fn::Join": ["", ref("KeyAdministrators")]}, ""]}]},
        },
        rules=_RULES,
    ),
    ReleasedShape(
        key="cmek-adopted-key",
        title="An IAM role for Pinecone that uses an existing KMS key (CMEK)",
        part="cmek",
        sample=_sample({"key": {"adopt": samples.KEY}}),
        parameters=(parameters.DEPLOYMENT, *parameters.TRUST, *parameters.ROLE, parameters.ADOPTED_KEY),
        slots=(*_SLOTS, Slot(placeholder=samples.KEY, value=ref("KeyArn"), variable="KeyArn")),
        properties=_PROPERTIES,
        conditions=_CONDITIONS,
        rules=_RULES,
    ),
    ReleasedShape(
        key="cmek-customer-keys",
        title="An IAM role for Pinecone that uses KMS keys of your customers (CMEK)",
        part="cmek",
        sample=_sample({"customer_keys": [{"name": "placeholder", "account": samples.CUSTOMER}]}),
        parameters=(parameters.DEPLOYMENT, *parameters.TRUST, *parameters.ROLE, parameters.CUSTOMER_KEYS),
        slots=(
            *_SLOTS,
            Slot(placeholder=f"arn:aws:kms:*:{samples.CUSTOMER}:key/*", value=ref("CustomerKeyArns"), is_list=True),
        ),
        properties=_PROPERTIES,
        conditions=_CONDITIONS,
        rules=_RULES,
    ),
)
