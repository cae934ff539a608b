"""What Pinecone's S3 account can and cannot do: each use, with a prefix and without, and who else can."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinekeep.decisions.access.bucket_requests import BUCKET_ACTIONS
from pinekeep.decisions.access.decision import Effect
from pinekeep.decisions.access.policies import PolicySet
from pinekeep.decisions.access.principals import Kind
from pinekeep.decisions.access.render import as_json, as_markdown, as_text, summary
from pinekeep.decisions.access.requests import Group
from pinekeep.decisions.access.storage import configured_storage_policies
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.model.config import Deployment
from pinekeep.model.config.storage_roles import planned_storage_roles
from pinekeep.model.policies.document import policy

ACCOUNT = "111122223333"
REGION = "us-east-1"
BUCKET = "acme-pinecone"
ROLE = "role/pinekeep-prod-us-east-1-audit"
IMPORT = "role/pinekeep-prod-us-east-1-nightly"
EXPORT = "role/pinekeep-prod-us-east-1-backups"
S3 = f"bucket/{BUCKET}"
KEY = f"key/bucket {BUCKET}"
GIVEN_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"
PATTERN = "arn:aws:iam::713131977538:role/writers/audit-*"
ALLOW, DENY = Effect.ALLOW, Effect.DENY


def deployment(**settings: Any) -> Deployment:
    return Deployment.model_validate({"account": ACCOUNT, "region": REGION, **settings})


def audit(bucket: Mapping[str, Any] | None = None, **others: Any) -> Deployment:
    return deployment(audit_logs={"bucket": bucket or {"name": BUCKET, "lock": {"days": 400}}, **others})


def integration(use: str, **others: Any) -> Deployment:
    name = {"import": "nightly", "export": "backups"}[use]
    return deployment(storage_integrations={name: {"use": use, "bucket": BUCKET, **others}})


def table_of(chosen: Deployment) -> Table:
    return decision_table(configured_storage_policies(name="prod", deployment=chosen))


def effects(table: Table, principal: str, group: Group, on: str = S3) -> dict[str, Effect]:
    """Return what a principal can do of one group, by the request."""
    rows = (row for row in table.place(on, group) if row.principal.id == principal)
    return {row.request.name: row.decision.effect for row in rows}


@pytest.fixture(scope="module")
def prefixed() -> Table:
    return table_of(audit(prefix="logs/pinecone"))


@pytest.fixture(scope="module")
def whole() -> Table:
    return table_of(audit())


# --- The audit role ---


def test_the_audit_role_writes_under_its_prefix_with_the_buckets_key_and_tls_alone(prefixed: Table) -> None:
    assert effects(prefixed, ROLE, Group.WRITE_OBJECTS) == {
        "s3:PutObject under logs/pinecone/": ALLOW,
        "s3:PutObject under logs/pinecone-beside/": DENY,
        "s3:PutObject elsewhere": DENY,
        "s3:PutObject under logs/pinecone/ with another key": DENY,
        "s3:PutObject under logs/pinecone/ without TLS": DENY,
        "s3:PutObject under logs/pinecone/ with TLS 1.1": DENY,
    }


def test_the_audit_role_lists_its_prefix_alone(prefixed: Table) -> None:
    assert effects(prefixed, ROLE, Group.LIST) == {
        "s3:ListBucket under logs/pinecone/": ALLOW,
        "s3:ListBucket under logs/pinecone-beside/": DENY,
        "s3:ListBucket elsewhere": DENY,
        "s3:ListBucket of the whole bucket": DENY,
    }


def test_without_a_prefix_the_audit_role_writes_and_lists_the_bucket(whole: Table) -> None:
    assert effects(whole, ROLE, Group.LIST) == {"s3:ListBucket of the whole bucket": ALLOW}
    assert effects(whole, ROLE, Group.WRITE_OBJECTS)["s3:PutObject anywhere"] is ALLOW


@pytest.mark.parametrize("group", [Group.READ_OBJECTS, Group.DELETE_OBJECTS, Group.RETENTION, Group.BUCKET])
def test_the_audit_role_neither_reads_nor_deletes_nor_unlocks(prefixed: Table, whole: Table, group: Group) -> None:
    for table in (prefixed, whole):
        found = effects(table, ROLE, group)
        assert found
        assert set(found.values()) == {DENY}


def test_the_key_is_used_through_s3_for_these_objects_alone(prefixed: Table) -> None:
    for action in ("kms:GenerateDataKey", "kms:Decrypt"):
        found = effects(prefixed, ROLE, Group.THROUGH_S3, KEY)
        assert {name: effect for name, effect in found.items() if name.startswith(action)} == {
            f"{action} for the bucket {BUCKET}": ALLOW,
            f"{action} for objects under logs/pinecone/": ALLOW,
            f"{action} for objects under logs/pinecone-beside/": DENY,
            f"{action} for objects elsewhere": DENY,
            f"{action} for another bucket": DENY,
            f"{action} through another service": DENY,
        }


@pytest.mark.parametrize("group", [Group.USE, Group.SERVICE_GRANTS, Group.GRANTS, Group.ADMINISTER, Group.DELETE])
def test_the_key_is_of_no_other_use_to_the_role(prefixed: Table, group: Group) -> None:
    assert set(effects(prefixed, ROLE, group, KEY).values()) == {DENY}


# --- Import and export ---


def test_the_import_role_reads_and_nothing_else() -> None:
    table = table_of(integration("import", prefix="in"))
    assert effects(table, IMPORT, Group.READ_OBJECTS) == {
        "s3:GetObject under in/": ALLOW,
        "s3:GetObject under in-beside/": DENY,
        "s3:GetObject elsewhere": DENY,
        "s3:GetObjectVersion under in/": DENY,
    }
    for group in (Group.WRITE_OBJECTS, Group.DELETE_OBJECTS, Group.RETENTION, Group.BUCKET):
        assert set(effects(table, IMPORT, group).values()) == {DENY}


def test_the_export_role_writes_and_nothing_else() -> None:
    table = table_of(integration("export"))
    assert effects(table, EXPORT, Group.WRITE_OBJECTS)["s3:PutObject anywhere"] is ALLOW
    for group in (Group.READ_OBJECTS, Group.DELETE_OBJECTS, Group.RETENTION, Group.BUCKET):
        assert set(effects(table, EXPORT, group).values()) == {DENY}


@pytest.mark.parametrize(
    ("use", "role", "allowed"),
    [("import", IMPORT, {"Decrypt"}), ("export", EXPORT, {"Decrypt", "GenerateDataKey"})],
)
def test_an_existing_key_is_used_as_the_use_needs(use: str, role: str, allowed: set[str]) -> None:
    table = table_of(integration(use, kms_key=GIVEN_KEY))
    found = effects(table, role, Group.THROUGH_S3, KEY)
    assert {name.split()[0].removeprefix("kms:") for name, effect in found.items() if effect is ALLOW} == allowed
    assert set(effects(table, role, Group.USE, KEY).values()) == {DENY}


def test_a_key_without_the_root_statement_would_refuse_the_role() -> None:
    policies = configured_storage_policies(name="prod", deployment=integration("export", kms_key=GIVEN_KEY))
    closed = replace(policies, keys=(replace(policies.keys[0], document=policy([])),))
    assert set(effects(decision_table(closed), EXPORT, Group.THROUGH_S3, KEY).values()) == {DENY}


def test_one_role_cannot_use_the_bucket_of_another() -> None:
    chosen = deployment(
        audit_logs={"bucket": {"name": "acme-audit", "lock": "none"}},
        storage_integrations={"nightly": {"use": "import", "bucket": BUCKET}},
    )
    table = table_of(chosen)
    for group in (Group.LIST, Group.READ_OBJECTS, Group.WRITE_OBJECTS):
        assert set(effects(table, ROLE, group).values()) == {DENY}
        assert set(effects(table, IMPORT, group, "bucket/acme-audit").values()) == {DENY}


def test_two_uses_of_one_bucket_have_their_own_prefixes() -> None:
    uses = {
        "nightly": {"use": "import", "bucket": BUCKET, "prefix": "in"},
        "backups": {"use": "export", "bucket": BUCKET, "prefix": "out"},
    }
    table = table_of(deployment(storage_integrations=uses))
    assert effects(table, IMPORT, Group.READ_OBJECTS)["s3:GetObject under in/"] is ALLOW
    assert effects(table, IMPORT, Group.READ_OBJECTS)["s3:GetObject under out/"] is DENY
    assert effects(table, EXPORT, Group.WRITE_OBJECTS)["s3:PutObject under out/"] is ALLOW
    assert effects(table, EXPORT, Group.WRITE_OBJECTS)["s3:PutObject under in/"] is DENY


# --- Who assumes the role ---


def who_assumes(table: Table) -> set[str]:
    return {who.id for who in table.can(ROLE, Group.ASSUME)}


def test_any_role_of_pinecones_account_assumes_the_role_and_nobody_of_another_account(whole: Table) -> None:
    assert who_assumes(whole) == {"pinecone/other-role"}
    assert whole.of("stranger", f"{ROLE} no external ID").effect is DENY


def test_with_a_pattern_only_principals_that_fit_it_assume_the_role() -> None:
    table = table_of(audit(principal_arn=PATTERN))
    assert who_assumes(table) == {"pinecone/role/writers/audit-*"}
    assert table.of("pinecone/other-role", f"{ROLE} no external ID").effect is DENY
    assert table.of("stranger", f"{ROLE} no external ID").effect is DENY


def test_session_tags_are_refused(whole: Table) -> None:
    assert whole.can(ROLE, Group.SESSION) == ()


def test_the_reader_is_told_that_the_account_is_a_general_one_and_that_no_external_id_is_asked_for(
    whole: Table,
) -> None:
    told = "\n".join(whole.notes())
    assert "every role of Pinecone's account 713131977538 can assume it" in told
    assert "Set principal_arn where Pinecone names the principal" in told
    assert "no external ID tells Pinecone's customers apart" in told
    bounded = "\n".join(table_of(audit(principal_arn=PATTERN)).notes())
    assert "every role of Pinecone's account" not in bounded
    assert "no external ID tells Pinecone's customers apart" in bounded


# --- Everybody else ---


def test_nobody_but_the_role_writes_files_or_hides_them_not_even_the_root_user(whole: Table) -> None:
    assert {who.id for who in whole.can(S3, Group.WRITE_OBJECTS)} == {ROLE}
    for who in whole.principals:
        assert whole.of(who.id, f"{S3} s3:DeleteObject").explicit


def test_the_root_user_reads_and_keeps_the_settings_so_that_nobody_is_locked_out(whole: Table) -> None:
    for group in (Group.LIST, Group.READ_OBJECTS, Group.BUCKET):
        assert set(effects(whole, "account/root", group).values()) == {ALLOW}
    assert len(effects(whole, "account/root", Group.BUCKET)) == len(BUCKET_ACTIONS[Group.BUCKET])


def test_another_account_reaches_neither_bucket_nor_key(whole: Table) -> None:
    for who in whole.principals:
        if who.account == ACCOUNT:
            continue
        for row in whole.rows:
            if row.principal == who and not row.request.on.startswith("role/"):
                assert row.decision.effect is DENY, row.request.id
                assert row.decision.through_iam is None, "IAM policies of our account are none of theirs"


def test_what_iam_policies_could_give_a_user_is_told_and_is_not_what_the_bucket_denies(whole: Table) -> None:
    read = whole.of("account/user", f"{S3} s3:GetObject anywhere")
    assert (read.effect, str(read.through_iam)) == (DENY, "any IAM policy of the bucket's account")
    written = whole.of("account/user", f"{S3} s3:PutObject anywhere")
    assert (written.explicit, written.through_iam) == (True, None)


def test_each_decision_names_the_statement_that_made_it(whole: Table) -> None:
    assert whole.of(ROLE, f"{S3} s3:PutObject anywhere").reason == (
        "statement AllowUseOfTheObjects of the permissions policy pinekeep-prod-us-east-1-audit-s3 allows it"
    )
    assert whole.of("account/root", f"{S3} s3:PutObject anywhere").reason == (
        f"statement DenyWritesByOthers of the bucket policy of {BUCKET} denies it"
    )


def test_a_bucket_whose_policy_is_unknown_is_undecided_and_one_that_denies_stops_the_role() -> None:
    policies = configured_storage_policies(name="prod", deployment=audit({"adopt": BUCKET}))
    unknown = replace(policies, buckets=(replace(policies.buckets[0], document=None),))
    assert effects(decision_table(unknown), ROLE, Group.WRITE_OBJECTS)["s3:PutObject anywhere"] is Effect.UNDECIDED
    denial = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
    closed = replace(policies, buckets=(replace(policies.buckets[0], document=policy([denial])),))
    assert effects(decision_table(closed), ROLE, Group.WRITE_OBJECTS)["s3:PutObject anywhere"] is DENY


def test_where_two_policies_allow_the_one_of_the_role_is_named() -> None:
    policies = configured_storage_policies(name="prod", deployment=audit({"adopt": BUCKET}))
    allowing = policy([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{BUCKET}/*"}])
    table = decision_table(replace(policies, buckets=(replace(policies.buckets[0], document=allowing),)))
    written = table.of(ROLE, f"{S3} s3:PutObject anywhere")
    assert [each.sid for each in written.statements] == ["AllowUseOfTheObjects"]
    read = table.of(ROLE, f"{S3} s3:GetObject anywhere")
    assert [each.policy for each in read.statements] == [f"the bucket policy of {BUCKET}"]


def test_a_bucket_of_another_account_under_the_same_name_is_not_written() -> None:
    policies = configured_storage_policies(name="prod", deployment=audit({"adopt": BUCKET}))
    allowing = policy([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}])
    theirs = replace(policies.buckets[0], account="444455556666", document=allowing)
    assert set(effects(decision_table(replace(policies, buckets=(theirs,))), ROLE, Group.WRITE_OBJECTS).values()) == {
        DENY
    }


def test_a_bucket_open_to_a_stranger_is_shown() -> None:
    policies = configured_storage_policies(name="prod", deployment=audit({"adopt": BUCKET}))
    objects = f"arn:aws:s3:::{BUCKET}/*"
    opened = policy([{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects}])
    table = decision_table(replace(policies, buckets=(replace(policies.buckets[0], document=opened),)))
    assert "stranger" in {who.id for who in table.can(S3, Group.READ_OBJECTS)}


# --- As text ---


def test_every_rendering_has_the_buckets(whole: Table) -> None:
    assert as_json(whole)["buckets"] == [{"id": S3, "arn": f"arn:aws:s3:::{BUCKET}", "known": True}]
    assert as_json(whole)["part"] == "storage"
    assert as_text(whole).startswith("prod, S3: decided from")
    assert f"- Bucket `arn:aws:s3:::{BUCKET}`" in as_markdown(whole)
    answers = dict(summary(whole))
    assert answers[f"Who can write objects of the bucket {BUCKET}?"] == (
        "the role pinekeep-prod-us-east-1-audit (only PutObject anywhere)"
    )


# --- Whatever the configuration ---

prefixes = st.one_of(st.none(), st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8}){0,2}", fullmatch=True))
uses = st.fixed_dictionaries(
    {"use": st.sampled_from(["import", "export"]), "bucket": st.sampled_from([BUCKET, "acme-vectors"])},
    optional={"prefix": st.from_regex(r"[a-z]{1,8}", fullmatch=True), "kms_key": st.just(GIVEN_KEY)},
)


@st.composite
def configured(draw: st.DrawFn) -> PolicySet:
    settings_of: dict[str, Any] = {"storage_integrations": draw(st.dictionaries(st.sampled_from(["a", "b"]), uses))}
    if draw(st.booleans()) or not settings_of["storage_integrations"]:
        settings_of["audit_logs"] = {
            "bucket": draw(
                st.sampled_from([{"name": "acme-audit", "lock": "none"}, {"adopt": "acme-audit", "kms_key": GIVEN_KEY}])
            ),
            "prefix": draw(prefixes),
            "principal_arn": draw(st.sampled_from([None, PATTERN])),
        }
    return configured_storage_policies(name="prod", deployment=deployment(**settings_of))


@settings(max_examples=8, deadline=None)
@given(configured())
def test_no_role_ever_deletes_unlocks_changes_a_bucket_or_uses_a_key_directly(policies: PolicySet) -> None:
    table = decision_table(policies)
    roles = {each.id for each in policies.roles}
    forbidden = {Group.DELETE_OBJECTS, Group.RETENTION, Group.BUCKET, Group.USE, Group.ADMINISTER, Group.DELETE}
    for row in table.rows:
        if row.principal.id in roles and row.request.group in {*forbidden, Group.GRANTS, Group.SERVICE_GRANTS}:
            assert row.decision.effect is DENY, (row.principal.id, row.request.id)
        if row.principal.kind is Kind.STRANGER:
            assert row.decision.effect is DENY, (row.principal.id, row.request.id)
        if (
            row.request.group in (Group.LIST, Group.READ_OBJECTS, Group.WRITE_OBJECTS)
            and "elsewhere" in row.request.name
        ):
            assert row.principal.id not in roles or row.decision.effect is DENY


def test_the_planned_roles_are_those_of_the_settings() -> None:
    chosen = deployment(
        iam_path="/search/",
        audit_logs={"bucket": {"adopt": BUCKET}, "role_name": "ours", "prefix": "p"},
        storage_integrations={"nightly": {"use": "import", "bucket": "acme-vectors"}},
    )
    first, second = planned_storage_roles("prod", chosen)
    assert (first.arn, first.location) == (f"arn:aws:iam::{ACCOUNT}:role/search/ours", f"{BUCKET}/p")
    assert first.policy_arn == f"arn:aws:iam::{ACCOUNT}:policy/search/ours-s3"
    assert (second.name, second.use, second.makes_bucket) == ("pinekeep-prod-us-east-1-nightly", "import", False)
