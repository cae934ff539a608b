"""The pictures of the examples' networks."""

from xml.etree import ElementTree as ET

import pytest

from tools.network_pictures import EXAMPLES, picture, stale

SVG = "{http://www.w3.org/2000/svg}"


def test_the_pictures_in_the_docs_are_up_to_date() -> None:
    assert stale() == [], "draw them again: make pictures"


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_box_is_in_the_picture_and_every_line_in_its_box(example: str) -> None:
    root = ET.fromstring(picture(example))  # noqa: S314 - our own text
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    boxes = [
        {name: float(each.attrib[name]) for name in ("x", "y", "width", "height")} for each in root.iter(f"{SVG}rect")
    ]
    assert all(each["x"] + each["width"] <= width and each["y"] + each["height"] <= height for each in boxes)
    for text in root.iter(f"{SVG}text"):
        x, y = float(text.attrib["x"]), float(text.attrib["y"])
        inside = [each for each in boxes[1:] if each["x"] < x < each["x"] + each["width"]]
        holder = next((each for each in inside if each["y"] < y < each["y"] + each["height"]), None)
        if holder is not None and "text-anchor" not in text.attrib:
            assert x + len(text.text or "") * 6.6 <= holder["x"] + holder["width"] + 12, text.text


def test_a_client_vpc_of_another_account_is_named_with_its_account() -> None:
    assert "account 444455556666, us-east-1" in picture("hub-and-spokes")
