"""What is alike is decided once, and comes to the same as deciding every request by itself."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pinekeep.decisions.access import evaluator, table
from pinekeep.decisions.access.evaluation import Decider
from pinekeep.decisions.access.policies import KeyPolicy, NamedPolicy, PolicySet, RolePolicies
from pinekeep.decisions.access.requests import Group
from pinekeep.decisions.access.table import Table, decision_table
from pinekeep.model.arns import role_arn, root_arn
from pinekeep.model.policies.key import key_policy
from pinekeep.model.policies.permissions import account_keys_arn, customer_keys_policy
from tests.decisions.access.worlds import ACCOUNT, KEY_ID, PINECONE, ROLE, Document, document, world

SECOND_ROLE = f"{ROLE}-2"
OTHER_KEY = "0f1e2d3c-4b5a-4978-8695-000000000000"


def account(number: int) -> str:
    return f"{444455556600 + number}"


def key_arn(number: int, key_id: str | None = None) -> str:
    return f"arn:aws:kms:us-east-1:{account(number)}:key/{key_id or f'{KEY_ID[:-2]}{number:02}'}"


def allow(principal: Any, action: Any = "kms:Decrypt", **more: Any) -> Document:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def aws(arn: str) -> Document:
    return {"AWS": arn}


def asked_for(number: int, role: str = ROLE) -> Document:
    return key_policy(account=account(number), administrators=[], role=role)


def of_customers(
    documents: Sequence[Document | None],
    *,
    resources: Callable[[int], list[str]] = lambda number: [account_keys_arn(account(number))],
    split: int = 2,
    permissions: tuple[Document, ...] = (),
    **changes: Any,
) -> PolicySet:
    """Return policies with a customer for each key policy, in permissions policies of so many customers."""
    base = world()
    numbers = range(len(documents))
    parts = [numbers[start : start + split] for start in range(0, len(documents), split)]
    policies = [
        customer_keys_policy([one for each in part for one in resources(each)], describe=True) for part in parts
    ]
    named = tuple(
        NamedPolicy(name=f"keys-{number}", document=each) for number, each in enumerate([*policies, *permissions], 1)
    )
    first = replace(base.roles[0], permissions=named, **changes)
    second = RolePolicies(arn=SECOND_ROLE, trust=base.roles[0].trust, permissions=named[:1])
    keys = [KeyPolicy(arn=key_arn(each), document=documents[each], name=f"c{each}") for each in numbers]
    return replace(base, roles=(first, second), keys=(*base.keys, *keys))


def one_by_one(found: Table) -> Iterator[tuple[str, str, Any]]:
    """Decide every request of a table by itself."""
    decider = Decider(found.policies, callers=found.principals)
    for row in found.rows:
        yield row.principal.id, row.request.id, decider.decide(row.principal, row.request)


def require_the_same(policies: PolicySet) -> Table:
    found = decision_table(policies)
    told = [(row.principal.id, row.request.id, row.decision) for row in found.rows]
    assert told == list(one_by_one(found))
    return found


def answers(monkeypatch: pytest.MonkeyPatch, policies: PolicySet) -> int:
    """Return how often the evaluator is asked for a table."""
    count = 0
    answer = evaluator.Question.answer

    def counted(self: evaluator.Question, asked: evaluator.Asked) -> str:
        nonlocal count
        count += 1
        return answer(self, asked)

    table._decided_once.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(evaluator.Question, "answer", counted)
        decision_table(policies)
    return count


# --- What is alike ---


def test_customers_as_they_are_asked_to_be_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (of_customers([asked_for(each) for each in range(number)]) for number in (3, 9))
    require_the_same(few)
    require_the_same(many)
    assert answers(monkeypatch, few) == answers(monkeypatch, many)


def test_named_keys_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(number: int) -> list[str]:
        return [key_arn(number), key_arn(number, OTHER_KEY)]

    few, many = (of_customers([asked_for(each) for each in range(number)], resources=named) for number in (4, 8))
    require_the_same(few)
    assert answers(monkeypatch, few) == answers(monkeypatch, many)


def test_policies_that_nobody_may_read_come_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (of_customers([None] * number) for number in (3, 9))
    require_the_same(few)
    assert answers(monkeypatch, few) == answers(monkeypatch, many)


# --- What is not ---


def of_one(change: Callable[[Document], object], *, which: int = 2, number: int = 4) -> PolicySet:
    documents = [asked_for(each) for each in range(number)]
    change(documents[which])
    return of_customers(documents)


def test_a_customer_whose_policy_is_another_is_decided_by_itself() -> None:
    for change in (
        lambda found: found["Statement"].pop(1),
        lambda found: found["Statement"].pop(0),
        lambda found: found["Statement"].append(allow("*", "kms:*")),
        lambda found: found["Statement"].append({**allow(aws(ROLE)), "Effect": "Deny"}),
        lambda found: found["Statement"].append(allow(aws(root_arn(account(1))))),
        lambda found: found["Statement"].append(allow(aws(SECOND_ROLE), "kms:PutKeyPolicy")),
        lambda found: found["Statement"].append(
            allow(aws(ROLE), Condition={"StringLike": {"aws:PrincipalOrgID": "o"}})
        ),
    ):
        require_the_same(of_one(change))


PATTERNS = ["44445555660*", "4444555566?2", "4444*2", "*", "4444555566??"]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_pattern_that_tells_accounts_apart_tells_them_apart(pattern: str, effect: str) -> None:
    resource = f"arn:aws:kms:*:{pattern}:key/*"
    only = document({"Effect": effect, "Action": "kms:*", "Resource": resource})
    documents = [asked_for(each) for each in range(13)][::4]
    require_the_same(of_customers(documents, permissions=(only,)))
    with_condition: list[Document | None] = []
    for each in range(4):
        extra = {**allow("*", Condition={"StringLike": {"aws:PrincipalAccount": pattern}}), "Effect": effect}
        with_condition.append({**asked_for(each), "Statement": [*asked_for(each)["Statement"], extra]})
    require_the_same(of_customers(with_condition))


@pytest.mark.parametrize("pattern", [*PATTERNS, PINECONE])
def test_a_pattern_in_the_trust_policy_or_our_own_key_policy_tells_customers_apart(pattern: str) -> None:
    policies = of_customers([asked_for(each) for each in range(4)])
    like = {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{pattern}:role/*"}}
    trust = document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": like})
    own = document(allow("*", "kms:*", Condition=like))
    require_the_same(
        replace(
            policies,
            roles=(replace(policies.roles[0], trust=trust), policies.roles[1]),
            keys=(replace(policies.keys[0], document=own), *policies.keys[1:]),
        )
    )


def test_a_customer_who_is_named_in_our_own_policies_is_decided_by_itself() -> None:
    policies = of_customers([asked_for(each) for each in range(4)])
    theirs = role_arn(account=account(2), role_name="administrator-of-the-account")
    for principal in (theirs, root_arn(account(1)), account(3)):
        trust = document({"Effect": "Allow", "Principal": aws(principal), "Action": "sts:AssumeRole"})
        own = document(allow(aws(principal), "kms:*"))
        found = require_the_same(
            replace(
                policies,
                roles=(replace(policies.roles[0], trust=trust), policies.roles[1]),
                keys=(replace(policies.keys[0], document=own), *policies.keys[1:]),
            )
        )
        assert found.can("key", Group.USE), "that one can use it"


def test_a_role_of_a_customers_account_that_our_own_policy_names_uses_the_key_of_that_customer_alone() -> None:
    theirs = role_arn(account=account(2), role_name="theirs")
    policies = of_customers([asked_for(each) for each in range(4)])
    own = document(allow(aws(theirs), "kms:*"))
    found = require_the_same(replace(policies, keys=(replace(policies.keys[0], document=own), *policies.keys[1:])))
    used = [key.id for key in policies.keys if theirs in {who.arn for who in found.can(key.id, Group.USE)}]
    assert used == ["key", "key/c2"]


def test_keys_whose_policies_name_some_other_key_are_not_alike() -> None:
    documents = [asked_for(each) for each in range(4)]
    for each, made in enumerate(documents):
        made["Statement"][1]["Resource"] = key_arn(each, None if each < 2 else OTHER_KEY)
    require_the_same(of_customers(documents))


def test_an_account_in_the_name_of_a_role_is_not_taken_for_another_ones() -> None:
    named = role_arn(account=ACCOUNT, role_name=f"for-{account(1)}")
    documents: list[Document | None] = [
        {**asked_for(each), "Statement": [*asked_for(each)["Statement"], allow(aws(named))]} for each in range(3)
    ]
    require_the_same(of_customers(documents))


# --- Any mixture ---


def grown(number: int, extra: Document) -> Document:
    made = asked_for(number)
    return {**made, "Statement": [*made["Statement"], extra]}


@st.composite
def customer_documents(draw: st.DrawFn, number: int) -> Document | None:
    kind = draw(st.sampled_from(["asked", "asked", "asked", "unknown", "second", "own", "other", "pattern", "doubt"]))
    match kind:
        case "unknown":
            return None
        case "second":
            return asked_for(number, SECOND_ROLE)
        case "own":
            return grown(number, allow(aws(role_arn(account=account(number), role_name="theirs")), "kms:*"))
        case "other":
            return grown(number, allow(aws(root_arn(account((number + 1) % 5))), draw(st.sampled_from(["kms:*", "*"]))))
        case "pattern":
            pattern = draw(st.sampled_from([*PATTERNS, account(number), account(0)]))
            operator = draw(st.sampled_from(["StringLike", "StringNotLike", "StringEquals"]))
            return grown(number, allow("*", Condition={operator: {"kms:CallerAccount": pattern}}))
        case "doubt":
            return grown(number, allow("*", Condition={"StringEquals": {"aws:PrincipalOrgID": account(number)}}))
        case _:
            return asked_for(number)


@st.composite
def crowds(draw: st.DrawFn) -> PolicySet:
    documents = [draw(customer_documents(number)) for number in range(5)]
    kinds = draw(st.lists(st.integers(0, 3), min_size=5, max_size=5))

    def resources(number: int) -> list[str]:
        arn = key_arn(number)
        return [[account_keys_arn(account(number))], [arn], [key_arn(number, OTHER_KEY)], [arn, "*"]][kinds[number]]

    limits = st.sampled_from(
        [None, {"Effect": "Allow", "Action": "kms:*", "Resource": [account_keys_arn(account(1)), key_arn(2)]}]
    )
    limit = draw(limits)
    boundary = {} if limit is None else {"boundary": NamedPolicy(name="limit", document=document(limit))}
    denied = document({"Effect": "Deny", "Action": "kms:Decrypt", "NotResource": [account_keys_arn(account(3))]})
    more = draw(st.sampled_from([(), (denied,)]))
    return of_customers(documents, resources=resources, permissions=more, split=draw(st.integers(1, 3)), **boundary)


@settings(max_examples=12, deadline=None)
@given(crowds())
def test_any_mixture_of_customers_comes_to_the_same(policies: PolicySet) -> None:
    require_the_same(policies)
