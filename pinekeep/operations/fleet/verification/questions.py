"""The saved questions about a fleet's results, as SQL over the views of the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pinekeep.errors import WrongInputError
from pinekeep.model.words import did_you_mean, listed, shown
from pinekeep.operations.fleet.verification.observing import VOLATILE

SINCE: Final = "since"
"""The parameter that the option ``--since`` gives."""


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A parameter of a question. ``default``: None where a value must be given."""

    name: str
    description: str
    default: str | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """A saved question. ``sql`` takes ``:fleet`` and its parameters."""

    name: str
    question: str
    sql: str
    parameters: tuple[Parameter, ...] = ()

    def values(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the values of all parameters. Raises WrongInputError for an unknown or missing one."""
        known = {each.name: each for each in self.parameters}
        for name in given:
            if name not in known:
                has = f"it has {listed(list(known))}" if known else "it has none"
                raise WrongInputError(
                    f"question {self.name} has no parameter {shown(name)}; {has}", hint=did_you_mean(name, list(known))
                )
        found = {name: given.get(name, each.default) for name, each in known.items()}
        missing = [name for name, value in found.items() if value is None]
        if missing:
            option = "--since 7d" if missing == [SINCE] else " ".join(f"--param {each}=…" for each in missing)
            raise WrongInputError(
                f"question {self.name} needs {listed(missing)}",
                hint=f"pinekeep fleet query {self.name} {option}",
            )
        return {name: str(value) for name, value in found.items()}


_SINCE: Final = Parameter(name=SINCE, description="a date, a time, or an age such as 7d; the same as --since")
_STEADY: Final = ", ".join(f"'{each}'" for each in sorted(VOLATILE))
_CHANGED: Final = f"""
WITH ends AS (
  SELECT account, region, max(iif(verified < :since, result, NULL)) AS old, max(result) AS new
  FROM targets JOIN fleet_targets USING (fleet, account, region) WHERE fleet = :fleet GROUP BY account, region
),
pairs AS (
  SELECT ends.*, later.verified, earlier.status AS old_status, later.status AS new_status
  FROM ends JOIN results AS later ON later.id = new LEFT JOIN results AS earlier ON earlier.id = old
  WHERE new IS NOT old
),
readable AS (
  SELECT * FROM pairs WHERE old_status IN ('passed', 'failed') AND new_status IN ('passed', 'failed')
),
facts AS (
  SELECT readable.account, readable.region, verified, name, max(iif(o.result = old, value, NULL)) AS before,
    max(iif(o.result = new, value, NULL)) AS after
  FROM readable JOIN observations AS o ON o.result IN (old, new)
  WHERE name NOT IN ({_STEADY}) GROUP BY 1, 2, 3, 4
),
checks AS (
  SELECT readable.account, readable.region, verified, name, max(f.result = old AND f.status = 'failed') AS before,
    max(f.result = new AND f.status = 'failed') AS after
  FROM readable JOIN findings AS f ON f.result IN (old, new) GROUP BY 1, 2, 3, 4
)
SELECT account, region, 'status' AS what, old_status AS before, new_status AS after, verified FROM pairs
WHERE old_status IS NOT new_status
UNION ALL
SELECT account, region, name, before, after, verified FROM facts WHERE before IS NOT after
UNION ALL
SELECT account, region, 'check ' || name, iif(before, 'failed', 'passed'), iif(after, 'failed', 'passed'), verified
FROM checks WHERE before <> after
ORDER BY account, region, what
"""  # noqa: S608 - constants

_ALL: Final = (
    Question(
        name="summary",
        question="How many targets have which status?",
        sql="SELECT status, count(*) AS targets, count(DISTINCT account) AS accounts, min(verified) AS oldest, "
        "max(verified) AS newest FROM latest WHERE fleet = :fleet GROUP BY status ORDER BY status",
    ),
    Question(
        name="failing",
        question="Which checks fail where, and what is to be done?",
        sql='SELECT account, region, name AS "check", found, fix FROM latest_findings WHERE fleet = :fleet AND status '
        "= 'failed' UNION ALL SELECT account, region, 'fleet-instance', reason, fix FROM latest WHERE fleet = :fleet "
        "AND status = 'missing' ORDER BY account, region, 3",
    ),
    Question(
        name="failing-checks",
        question="Which checks fail, and in how many targets?",
        sql="SELECT name AS \"check\", count(DISTINCT account || ' ' || region) AS targets, min(what) AS what, "
        "min(meaning) AS meaning FROM latest_findings WHERE fleet = :fleet AND status = 'failed' GROUP BY name "
        "ORDER BY targets DESC, name",
    ),
    Question(
        name="not-readable",
        question="Which targets, or parts of them, cannot be read, and why?",
        sql="SELECT account, region, reason, fix FROM latest WHERE fleet = :fleet AND status = 'unreadable' AND reason "
        "IS NOT NULL UNION ALL SELECT account, region, name || ': ' || found, fix FROM latest_findings WHERE fleet = "
        ":fleet AND status = 'unreadable' ORDER BY account, region",
    ),
    Question(
        name="unverified",
        question="Which targets were not verified since a time, or never?",
        parameters=(_SINCE,),
        sql="SELECT account, region, verified, status FROM fleet_targets LEFT JOIN latest USING (fleet, account, "
        "region) WHERE fleet = :fleet AND (verified IS NULL OR verified < :since) ORDER BY account, region",
    ),
    Question(
        name="changed-since",
        question="What is different from the last verification before a time?",
        parameters=(_SINCE,),
        sql=_CHANGED,
    ),
    Question(
        name="trusts-region",
        question="Which accounts trust a Pinecone region?",
        parameters=(Parameter(name="region", description="the region, such as us-west-2"),),
        sql="SELECT DISTINCT account, role_arn, trusted_regions, external_id FROM facts WHERE fleet = :fleet AND "
        "(trusted_regions = 'all' OR instr(' ' || trusted_regions || ' ', ' ' || :region || ' ') > 0) ORDER BY account",
    ),
    Question(
        name="keys-not-enabled",
        question="Which keys are not enabled, or were not found?",
        sql="SELECT account, region, key_arn, key_state, key_deletion FROM facts WHERE fleet = :fleet AND status "
        "NOT IN ('unreadable', 'missing') AND shape = 'key' AND coalesce(key_state, '') <> 'Enabled' "
        "ORDER BY account, region",
    ),
    Question(
        name="rotation",
        question="How often do the keys rotate?",
        sql="SELECT key_rotation_days, count(*) AS targets, group_concat(account || ' ' || region, ', ') AS places "
        "FROM (SELECT * FROM facts WHERE fleet = :fleet AND key_rotation_days IS NOT NULL ORDER BY account, region) "
        "GROUP BY 1 ORDER BY 1",
    ),
    Question(
        name="unused-keys",
        question="Which keys does KMS know no use of?",
        sql="SELECT account, region, key_arn FROM facts WHERE fleet = :fleet AND key_arn IS NOT NULL AND key_last_used "
        "IS NULL ORDER BY account, region",
    ),
    Question(
        name="without-external-id",
        question="Which roles can Pinecone assume without an external ID?",
        sql="SELECT DISTINCT account, role_arn, external_id FROM facts WHERE fleet = :fleet AND external_id <> "
        "'required' ORDER BY account",
    ),
    Question(
        name="versions",
        question="Which version of the template is where?",
        sql="SELECT template_version, count(*) AS targets, group_concat(account || ' ' || region, ', ') AS places FROM "
        "(SELECT * FROM facts WHERE fleet = :fleet ORDER BY account, region) GROUP BY 1 ORDER BY 1",
    ),
    Question(
        name="drifted",
        question="Where did drift detection find changes?",
        sql="SELECT account, region, drift, stack_status FROM facts WHERE fleet = :fleet AND drift = 'DRIFTED' "
        "ORDER BY account, region",
    ),
    Question(
        name="not-current",
        question="Which stack instances are not current?",
        sql="SELECT account, region, status, instance_status, reason FROM facts WHERE fleet = :fleet AND "
        "coalesce(instance_status, '') <> 'CURRENT' ORDER BY account, region",
    ),
    Question(
        name="find",
        question="Which targets have an observation with a text, such as a key ID or the name of a role?",
        parameters=(Parameter(name="text", description="a part of the value"),),
        sql="SELECT account, region, name, value FROM latest_observations WHERE fleet = :fleet AND instr(lower(value), "
        "lower(:text)) > 0 ORDER BY account, region, name",
    ),
    Question(
        name="observations",
        question="What was observed in an account?",
        parameters=(Parameter(name="account", description="the account number"),),
        sql="SELECT region, name, value FROM latest_observations WHERE fleet = :fleet AND account = :account ORDER BY "
        "region, name",
    ),
    Question(
        name="runs",
        question="When was the fleet verified, and with which result?",
        sql="SELECT runs.id AS run, started, finished, runs.targets, count(results.id) AS verified, "
        "sum(results.status = 'failed' OR results.status = 'missing') AS failed, sum(results.status = 'unreadable') AS "
        "not_readable FROM runs LEFT JOIN results ON results.run = runs.id WHERE runs.fleet = :fleet GROUP BY runs.id "
        "ORDER BY runs.id DESC",
    ),
)
QUESTIONS: Final = {each.name: each for each in _ALL}
"""The questions by name."""
