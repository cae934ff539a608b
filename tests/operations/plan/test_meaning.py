"""What the policies mean before and after, as decisions."""

from typing import Any

import pytest

from pinekeep.account.record.handover import HandedOver, Terms, Value
from pinekeep.model.config import Deployment
from pinekeep.model.policies.grants import parse_grants
from pinekeep.model.policies.key import key_policy, root_statement
from pinekeep.model.policies.trust import trust_policy
from pinekeep.operations.plan.changes import Action, Change
from pinekeep.operations.plan.meaning import LiveAccess, Templates, meaning
from pinekeep.operations.plan.state import deployed_state
from pinekeep.operations.plan.subject import Meaning
from tests.operations.plan.subjects import DEPLOYMENT, EXTERNAL_ID, KEY_ARN, NAME, ROLE_ARN, change

PINECONE = "740000000001"
ROLE = "pinekeep-search"
OUTPUTS = {"RoleArn": ROLE_ARN, "KeyArn": KEY_ARN, "ExternalId": EXTERNAL_ID}
EVERYONE = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
TRUST = change("AWS::IAM::Role", Action.MODIFY, "AssumeRolePolicyDocument")
KEY = change("AWS::KMS::Key", Action.MODIFY, "KeyPolicy")


def trust(*regions: str, external_id: str = EXTERNAL_ID) -> dict[str, Any]:
    return trust_policy(pinecone_account=PINECONE, regions=regions or ("us-east-1",), external_id=external_id)


def template(*, role: dict[str, Any] | None = None, key: dict[str, Any] | None = None) -> dict[str, Any]:
    own = key or key_policy(account="111122223333", administrators=[], role=ROLE_ARN)
    return {
        "Resources": {
            "Thing": {
                "Type": "AWS::IAM::Role",
                "Properties": {"RoleName": ROLE, "AssumeRolePolicyDocument": role or trust()},
            },
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": own}},
        }
    }


def compared(
    planned: dict[str, Any], *changes: Change, last: dict[str, Any] | None = None, live: Any = None, **options: Any
) -> Meaning:
    last = last or template()
    return meaning(
        NAME,
        DEPLOYMENT,
        pinecone_account=PINECONE,
        templates=Templates(last=last, planned=planned),
        live=live or LiveAccess(),
        before=deployed_state(cmek=last, link=None, outputs=OUTPUTS),
        changes=changes,
        **options,
    )


def with_everyone() -> LiveAccess:
    return LiveAccess(trust={ROLE: {**trust(), "Statement": [*trust()["Statement"], EVERYONE]}})


def test_where_nothing_changes_nobody_gains_or_loses() -> None:
    assert compared(template()) == Meaning()


def test_of_a_first_deployment_it_is_told_who_can_do_what() -> None:
    found = meaning(
        NAME,
        DEPLOYMENT,
        pinecone_account=PINECONE,
        templates=Templates(last=None, planned=template()),
        live=LiveAccess(),
        before=None,
        changes=(),
    )
    assert [each.partition(":")[0] for each in found.first] == [
        "Pinecone's access role of us-east-1 can now assume the role pinekeep-search with the agreed external ID",
        "the role pinekeep-search can now use the key",
        "the role pinekeep-search can now make grants on the key for AWS services",
    ]
    assert found.access == ()


def test_a_region_that_is_let_in_no_more_is_dropped() -> None:
    found = compared(template(), TRUST, last=template(role=trust("us-east-1", "us-west-2")))
    assert found.dropped == ("Pinecone's access role of us-west-2",)
    assert "can no longer assume the role" in found.access[0]


def test_whatever_the_file_says_a_changed_external_id_drops_whoever_was_given_the_old_one() -> None:
    other = EXTERNAL_ID.replace("3f2b8a54", "4f2b8a54")
    assert compared(template(role=trust(external_id=other)), TRUST).dropped == ("Pinecone's access role of us-east-1",)
    assert settled(with_trust(external_id=other), template(role=trust(external_id=other))).dropped == (
        "Pinecone's access role of us-east-1",
    )


def test_whatever_the_file_says_another_account_of_pinecones_drops_the_one_that_was_let_in() -> None:
    other = trust_policy(pinecone_account="740000000002", regions=["us-east-1"], external_id=EXTERNAL_ID)
    dropped = ("Pinecone's access role of us-east-1 (account 740000000001)",)
    assert settled(DEPLOYMENT, template(role=other), pinecone_account="740000000002").dropped == dropped
    record = HandedOver({Value.EXTERNAL_ID: EXTERNAL_ID}, Terms(pinecone_account=PINECONE, regions=("us-east-1",)))
    found = settled(DEPLOYMENT, template(role=other), pinecone_account="740000000002", handed_over=record)
    assert found.dropped == dropped


def test_the_record_counts_more_than_what_is_deployed() -> None:
    other = EXTERNAL_ID.replace("3f2b8a54", "4f2b8a54")
    record = HandedOver({Value.EXTERNAL_ID: other}, Terms(pinecone_account=PINECONE, regions=("us-east-1",)))
    # Pinecone was refused before, so a change of the trust policy takes nothing from it.
    assert compared(template(role=trust("us-east-1", "us-west-2")), TRUST, handed_over=record).dropped == ()


def test_a_boundary_that_is_known_to_allow_the_use_loses_nothing() -> None:
    assert bounded({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}).forgotten == ()
    assert bounded({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}).forgotten == (ROLE,)


def test_a_boundary_that_cannot_be_read_is_undecided_and_not_lost() -> None:
    found = bounded(None)
    assert found.forgotten == ()
    assert any(each.startswith("whether the role") and "cannot be decided" in each for each in found.access)


def bounded(statement: dict[str, Any] | None) -> Meaning:
    """A role that gets a permissions boundary."""
    boundary = "arn:aws:iam::111122223333:policy/Boundary"
    planned = template()
    planned["Resources"]["Thing"]["Properties"]["PermissionsBoundary"] = boundary
    known = {} if statement is None else {boundary: {"Version": "2012-10-17", "Statement": [statement]}}
    change_of = change("AWS::IAM::Role", Action.MODIFY, "PermissionsBoundary")
    return compared(planned, change_of, live=LiveAccess(boundaries=known))


def settled(
    deployment: Deployment, planned: dict[str, Any], *, pinecone_account: str = PINECONE, **options: Any
) -> Meaning:
    """What a change of the trust policy means where the file has been changed as well."""
    return meaning(
        NAME,
        deployment,
        templates=Templates(last=template(), planned=planned),
        live=LiveAccess(),
        before=deployed_state(cmek=template(), link=None, outputs=OUTPUTS),
        changes=(TRUST,),
        pinecone_account=pinecone_account,
        **options,
    )


def with_trust(**changes: Any) -> Deployment:
    cmek = DEPLOYMENT.cmek
    assert cmek is not None
    return DEPLOYMENT.model_copy(
        update={"cmek": cmek.model_copy(update={"trust": cmek.trust.model_copy(update=changes)})}
    )


def test_a_key_policy_that_names_the_role_no_more_forgets_it() -> None:
    without = {"Version": "2012-10-17", "Statement": [root_statement("111122223333")]}
    found = compared(template(key=without), KEY)
    assert found.forgotten == (ROLE,)


def test_what_the_change_set_does_not_touch_stays_as_somebody_made_it() -> None:
    found = compared(template(), live=with_everyone())
    assert found.access == ()
    assert any("a stranger's role" in each for each in found.drift)


def test_what_the_change_set_writes_anew_ends_the_drift() -> None:
    found = compared(template(), TRUST, live=with_everyone())
    assert found.drift == ()
    assert any("can no longer assume the role" in each for each in found.access)


def test_drift_that_is_to_be_undone_is_undone() -> None:
    found = compared(template(), live=with_everyone(), reverts_drift=True)
    assert found.drift == ()
    assert found.access != ()


def test_a_role_that_is_gone_is_told() -> None:
    found = compared(template(), live=LiveAccess(trust={ROLE: None}))
    assert found.drift == ("role pinekeep-search no longer exists",)


def test_what_cannot_be_decided_is_said() -> None:
    nothing = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}}
    found = compared(template(), last=nothing, live=LiveAccess(unreadable=("the key policy could not be read",)))
    assert found.unknown == (
        "the key policy could not be read",
        "changes of access could not be decided: the template has no role",
    )


# --- Grants ---

STRANGER = "arn:aws:iam::999988887777:role/nightly-export"
END = f"aws kms revoke-grant --key-id {KEY_ARN} --grant-id {'0123456789abcdef' * 4} --region us-east-1"


def with_grant(*operations: str, **changes: Any) -> LiveAccess:
    entry = {"GrantId": "0123456789abcdef" * 4, "GranteePrincipal": STRANGER, "Operations": list(operations)}
    return LiveAccess(grants=parse_grants([entry], key_arn=KEY_ARN), **changes)


@pytest.mark.parametrize("options", [{}, {"reverts_drift": True}])
@pytest.mark.parametrize("changes", [(), (KEY,)])
def test_a_grant_stays_whatever_is_deployed_and_is_told_with_the_command_that_ends_it(
    options: dict[str, Any], changes: tuple[Change, ...]
) -> None:
    found = compared(template(), *changes, live=with_grant("Decrypt"), **options)
    assert found.grants == (f"{STRANGER} can now use the key (only Decrypt): grant 01234567…; to end it: {END}",)
    assert (found.access, found.drift) == ((), ())


def test_a_denial_that_is_deployed_ends_what_a_grant_gave() -> None:
    own = key_policy(account="111122223333", administrators=[], role=ROLE_ARN)
    deny = {"Effect": "Deny", "Principal": {"AWS": STRANGER}, "Action": "kms:*", "Resource": "*", "Sid": "No"}
    denying = template(key={**own, "Statement": [*own["Statement"], deny]})
    found = compared(denying, KEY, live=with_grant("Decrypt"))
    assert found.grants == ()
    assert any(f"{STRANGER} can no longer use the key" in each for each in found.access)


def test_a_grant_beside_a_changed_policy_leaves_the_drift_as_it_is() -> None:
    found = compared(template(), live=with_grant("Decrypt", trust=with_everyone().trust))
    assert found.drift == compared(template(), live=with_everyone()).drift
    assert len(found.grants) == 1


def test_grants_of_the_owner_of_an_adopted_key_are_not_told() -> None:
    assert DEPLOYMENT.cmek
    key = DEPLOYMENT.cmek.key.model_copy(update={"adopt": KEY_ARN})
    adopted = DEPLOYMENT.model_copy(update={"cmek": DEPLOYMENT.cmek.model_copy(update={"key": key})})
    last = template()
    del last["Resources"]["Key"]
    found = meaning(
        NAME,
        adopted,
        pinecone_account=PINECONE,
        templates=Templates(last=last, planned=last),
        live=with_grant("Decrypt"),
        before=deployed_state(cmek=last, link=None, outputs=OUTPUTS),
        changes=(),
    )
    assert found == Meaning()


def test_a_changed_external_id_is_told_as_the_old_one_refused_and_the_new_one_let_in() -> None:
    other = "11112222-3333-4444-8555-666677778888"
    cmek = DEPLOYMENT.cmek
    assert cmek is not None
    configured = DEPLOYMENT.model_copy(
        update={"cmek": cmek.model_copy(update={"trust": cmek.trust.model_copy(update={"external_id": other})})}
    )
    found = meaning(
        NAME,
        configured,
        pinecone_account=PINECONE,
        templates=Templates(last=template(), planned=template(role=trust(external_id=other))),
        live=LiveAccess(),
        before=deployed_state(cmek=template(), link=None, outputs=OUTPUTS),
        changes=(TRUST,),
    )
    who = "Pinecone's access role of us-east-1"
    role = "the role pinekeep-search"
    assert [each.partition(":")[0] for each in found.access] == [
        f"{who} can no longer assume {role} with the external ID {EXTERNAL_ID[:8]}… (agreed on before)",
        f"{who} can now assume {role} with the external ID 11112222… (agreed on now)",
    ]
    assert not any("the agreed external ID" in each for each in found.access)


def test_administrators_who_may_replicate_a_multi_region_key_from_now_on_are_told_of() -> None:
    administrator = "arn:aws:iam::111122223333:role/KeyAdmin"
    was, becomes = (
        template(
            key=key_policy(
                account="111122223333", administrators=[administrator], role=ROLE_ARN, multi_region=multi_region
            )
        )
        for multi_region in (False, True)
    )
    assert compared(becomes, KEY, last=becomes).access == ()
    (gain,) = compared(becomes, KEY, last=was).access
    assert "ReplicateKey" in gain
    assert "KeyAdmin" in gain


def test_clients_by_prefix_list_are_told_among_the_others() -> None:
    group = {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {
            "SecurityGroupIngress": [{"CidrIp": "10.0.0.0/16"}, {"SourcePrefixListId": "pl-0a1b2c3d4e5f60718"}]
        },
    }
    state = deployed_state(cmek=None, link={"Resources": {"Group": group}}, outputs={})
    assert state.clients == ("10.0.0.0/16", "pl-0a1b2c3d4e5f60718")
