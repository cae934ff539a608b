"""The tables of docs/permissions.md: up to date, and whole."""

from pathlib import Path

import pytest

from pinekeep.decisions.privileges.association import IN_CLIENT_ACCOUNTS
from pinekeep.decisions.privileges.types import KINDS
from pinekeep.decisions.privileges.verbs import VERBS
from tools.doc_blocks.permissions import permissions_table, with_tables

PAGE = Path(__file__).resolve().parents[3] / "docs" / "permissions.md"


def test_the_page_holds_the_tables_as_they_are_made_now() -> None:
    assert with_tables(PAGE.read_text()) == PAGE.read_text()


def test_every_action_and_every_reason_is_in_the_tables() -> None:
    table = permissions_table()
    for grants in (*VERBS.values(), IN_CLIENT_ACCOUNTS, *(kind.grants for kind in KINDS.values())):
        for grant in grants:
            assert grant.sid in table
            assert all(f"`{action}`" in table for action in grant.actions)
    for kind in KINDS.values():
        assert all(f"`{action}`" in table and reason in table for action, reason in kind.left_out.items())


def test_no_cell_is_empty() -> None:
    assert not any("|  |" in line for line in permissions_table().splitlines())


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="the page has no <!-- begin permissions"):
        with_tables("# Permissions")
