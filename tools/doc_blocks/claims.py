"""The statements about Pinecone and AWS, with their sources."""

from typing import Final

from pinekeep.model.facts.claims import CLAIMS
from tools.doc_blocks.tables import table


def claims() -> str:
    """Return the table of the claims."""
    return table(
        ["Statement", "Source", "Checked", "How known"],
        [
            [
                each.says,
                f"{each.source.title} ({each.source.site}{each.source.path})",
                f"{each.source.checked}",
                each.sure,
            ]
            for each in CLAIMS
        ],
    )


BLOCKS: Final = {"claims": claims}
