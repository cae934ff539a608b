"""VPC flow logs, line by line."""

import gzip
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from pinekeep.errors import WrongInputError
from pinekeep.operations.connectivity.callers import Callers, public_networks
from pinekeep.operations.connectivity.flow_logs import (
    DEFAULT_FORMAT,
    Flow,
    FlowLogParser,
    Reading,
    fields_of,
    lines_of_file,
)

LINE = "2 111122223333 eni-0a 10.20.0.7 52.0.2.10 40000 443 6 10 840 1795000000 1795000060 ACCEPT OK"
FLOW = Flow("eni-0a", "10.20.0.7", "52.0.2.10", 40000, 443, 840, 1795000000, 1795000060, True)


def parsed(*lines: str, fields: tuple[str, ...] | None = None) -> tuple[list[Flow], Reading]:
    reading = Reading()
    parser = FlowLogParser(reading, fields=fields)
    places = ((f"file:{number}", line) for number, line in enumerate(lines, start=1))
    return list(parser.parse(places, port=443)), reading


def test_the_default_format_needs_no_header() -> None:
    assert parsed(LINE, "", LINE.replace("ACCEPT", "REJECT"))[0][0] == FLOW
    flows, reading = parsed(LINE.replace("ACCEPT", "REJECT"), LINE.replace(" 443 ", " 53 "))
    assert ([each.accepted for each in flows], reading.lines, reading.broken) == ([False], 2, 0)


def test_a_header_sets_the_format_also_in_the_middle() -> None:
    flows, reading = parsed(
        LINE,
        "srcaddr dstaddr srcport dstport start pkt-srcaddr",
        "fd00::7 2600:1f18::1 40000 443 1795000000 fd00::7",
        DEFAULT_FORMAT,
        LINE,
    )
    assert (flows[0], flows[2], reading.broken) == (FLOW, FLOW, 0)
    assert flows[1] == Flow("", "fd00::7", "2600:1f18::1", 40000, 443, 0, 1795000000, 1795000000, True)


def test_a_format_is_taken_as_the_flow_log_has_it() -> None:
    fields = fields_of("${start} ${dstport} ${srcport} ${dstaddr} ${srcaddr}")
    assert fields == ("start", "dstport", "srcport", "dstaddr", "srcaddr")
    flows, _ = parsed("1795000000 443 40000 52.0.2.10 10.20.0.7", fields=fields)
    assert flows[0].source == "10.20.0.7"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${srcaddr} ${dstaddr} ${srcport} ${dstport}", "the format lacks start"),
        ("srcaddr,dstaddr,start", "a format of flow logs is a list of fields"),
        ("", "the format lacks srcaddr"),
        ("\x1b[31m", "a format of flow logs is a list of fields"),
    ],
)
def test_a_format_that_cannot_do_is_refused(text: str, message: str) -> None:
    with pytest.raises(WrongInputError, match=message) as refused:
        fields_of(text)
    assert refused.value.hint


def test_broken_lines_are_counted_and_the_first_are_named() -> None:
    broken = [
        "not a record",
        LINE + " more",
        LINE.replace("10.20.0.7", "10.20.0.777"),
        LINE.replace("1795000000", "yesterday"),
        LINE.replace("40000 443", "x y"),
        "srcaddr and nothing else",
        LINE.replace(" 840 ", " -- "),
    ]
    flows, reading = parsed(LINE, *broken, LINE)
    assert (flows, reading.broken) == ([FLOW, FLOW], len(broken))
    assert reading.broken_at[0] == "file:2: 14 fields are expected, got 3"
    assert reading.broken_at[2] == "file:4: a number or an address is not one"
    assert len(reading.broken_at) == 5


def test_records_that_aws_left_out_are_counted() -> None:
    none = "2 111122223333 eni-0a - - - - - - - 1795000000 1795000060 - NODATA"
    flows, reading = parsed(none, none.replace("NODATA", "SKIPDATA"))
    assert (flows, reading.broken, reading.skipped) == ([], 0, 1)


def test_files_are_read_plain_and_compressed_and_a_damaged_one_counts(tmp_path: Path) -> None:
    plain, compressed, damaged = (tmp_path / name for name in ("a.log", "b.log.gz", "c.log.gz"))
    plain.write_text(f"{LINE}\n{LINE}")
    compressed.write_bytes(gzip.compress(f"{DEFAULT_FORMAT}\n{LINE}\n".encode()))
    damaged.write_bytes(gzip.compress(f"{LINE}\n".encode() * 1000)[:60])
    reading = Reading()
    assert [place for place, _ in lines_of_file(plain, reading)] == [f"{plain}:1", f"{plain}:2"]
    assert len(list(lines_of_file(compressed, reading))) == 2
    assert reading.broken == 0
    list(lines_of_file(damaged, reading))
    assert reading.broken == 1
    assert "the compressed file is damaged" in reading.broken_at[0]


def test_what_is_no_file_of_lines_is_refused(tmp_path: Path) -> None:
    parquet = tmp_path / "a.parquet"
    parquet.write_bytes(b"PAR1\0\0")
    with pytest.raises(WrongInputError, match="is a Parquet file"):
        list(lines_of_file(parquet, Reading()))
    with pytest.raises(WrongInputError, match="cannot be read"):
        list(lines_of_file(tmp_path / "none", Reading()))
    with pytest.raises(WrongInputError, match="cannot be read"):
        list(lines_of_file(tmp_path, Reading()))


def test_memory_does_not_grow_with_the_records() -> None:
    def lines(count: int) -> Iterator[tuple[str, str]]:
        for number in range(count):
            yield "file", LINE.replace("10.20.0.7", f"10.20.0.{number % 50}").replace("40000", str(number % 60000))

    def peak(count: int) -> int:
        reading = Reading()
        callers = Callers(public=public_networks(["52.0.2.0/24"]))
        tracemalloc.start()
        callers.add(FlowLogParser(reading).parse(lines(count), port=443))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (reading.lines, len(callers.output())) == (count, 50)
        return most

    peak(100)
    assert peak(8_000) < 2 * peak(1_000) + 20_000
