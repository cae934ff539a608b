"""The links of a release's page: a stack that they launch can be found afterwards."""

from collections import defaultdict
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from pinekeep.model import naming
from pinekeep.operations.release.catalogue import SHAPES
from pinekeep.operations.release.writing import page

URL = "https://templates.s3.us-east-1.amazonaws.com/v1"


def links(text: str) -> dict[str, str]:
    """Return the stack names that the page proposes, by template."""
    found = [unescape(each.split('"')[0]) for each in text.split('href="')[1:] if each.startswith("https://console")]
    queries = [parse_qs(urlsplit(each).fragment.partition("?")[2]) for each in found]
    return {Path(each["templateURL"][0]).name.removesuffix(".template.json"): each["stackName"][0] for each in queries}


def test_a_launched_stack_has_the_name_that_verify_looks_for() -> None:
    text = page(defaultdict(lambda: {"Outputs": {}}), bucket_url=URL)
    named = {"cmek": naming.cmek_stack("acme"), "private_link": naming.private_link_stack("acme")}
    proposed = links(text)
    assert {shape.key: proposed[shape.key].replace("NAME", "acme") for shape in SHAPES} == {
        shape.key: named[shape.part] for shape in SHAPES
    }
    assert "replace <code>NAME</code> by the name of the deployment" in text
