"""The quick way of reading numbers and the careful way are one reader: same network, or both refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.core.errors import GraphFileError
from sim.network.edge_list import ReadOptions
from sim.network.files import delimited
from sim.network.files.ids import check_labels
from sim.network.files.ties import Ties

pytestmark = pytest.mark.property

IDS = st.integers(0, 30).map(str)
ODD = st.sampled_from(
    [
        "",
        "007",
        "-1",
        "+3",
        "1.0",
        "4.9E+15",
        "1e5",
        "anna",
        '"4"',
        "NaN",
        "0",
        "9223372036854775808",
        "12 ",
        " 5",
        "10000000000000000",
        '="5"',
        "１２",
        "#",
        "%",
        "1_000",
        "0x1f",
        "\u00a07",
    ]
)
HEADS = [
    "",
    "# c\n",
    "%c\n\n",
    "from,to\n",
    "source\ttarget\n",
    "a b c\n",
    "0,1\n",
    "x;y\n",
    ",source,target\n",
    "\n\n",
]
ENDS = st.sampled_from(["\n", "\r\n", "\n\n", " \n", "\n# c\n", "\r", ""])


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """A table that is nearly, but not always, regular."""
    separator = draw(st.sampled_from([",", "\t", " ", ";", "|", "  ", ", "]))
    columns = draw(st.sampled_from([2, 2, 2, 3, 4]))
    rows = draw(st.lists(st.lists(IDS, min_size=columns, max_size=columns), min_size=1, max_size=25))
    for _ in range(draw(st.integers(0, 2))):
        row = rows[draw(st.integers(0, len(rows) - 1))]
        row[draw(st.integers(0, len(row) - 1))] = draw(ODD)
    if draw(st.integers(0, 5)) == 0:
        rows.insert(draw(st.integers(0, len(rows))), draw(st.lists(IDS, min_size=0, max_size=5)))
    text = draw(st.sampled_from(HEADS)) + "".join(separator.join(row) + draw(ENDS) for row in rows)
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + text.encode()


def outcome(read: Callable[[], Ties]) -> tuple[object, ...] | str:
    """Everything a reader says about a network, or its refusal."""
    try:
        ties = check_labels(Path("net.csv"), read())
    except GraphFileError as error:
        return str(error)
    order = np.argsort(ties.labels, kind="stable")
    labels = np.asarray(ties.labels)[ties.ends].tolist()
    return (
        np.asarray(ties.labels)[order].tolist(),
        labels,
        ties.header,
        ties.comments,
        ties.ignored,
        ties.format,
    )


@given(texts())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_ways_say_the_same(data: bytes) -> None:
    path, options = Path("net.csv"), ReadOptions()
    quick = outcome(lambda: delimited.read_table(path, data, options))
    careful = outcome(lambda: delimited._careful(path, delimited.decode(path, data, None), options))
    assert quick == careful


def test_the_quick_way_is_taken_for_numbers() -> None:
    for text in (
        b"0 1\n1 2\n2 0\n",
        b"# c\nfrom,to\n0,1\r\n1,2\r\n2,0",
        b"\xef\xbb\xbf0\t1\t5\n1\t2\t5\n0\t2\t5\n",
    ):
        start = 3 if text.startswith(b"\xef") else 0
        assert delimited._quick(Path("net.csv"), text, start, ReadOptions()) is not None
