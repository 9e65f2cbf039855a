"""Lists of pairs of which only some are ties, and sums below the ties: refused, not read as ties."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from sim.core.errors import GraphFileError
from sim.network.edge_list import read_edge_list

#: Two ties and a third that closes them.
TRIANGLE = {(0, 1), (0, 2), (1, 2)}


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def ties(path: Path) -> set[tuple[int, int]]:
    """Seats of both ends of every tie, the lower first."""
    src, dst, _ = read_edge_list(path)[0].edge_arrays()
    return {tuple(sorted(tie)) for tie in zip(src.tolist(), dst.tolist(), strict=True)}


@pytest.mark.parametrize("word", ["tie", "is_friend", "label", "weight", "Linked"])
@pytest.mark.parametrize("names", [("ann", "bob", "cy", "dee"), ("1", "2", "3", "4")])
@pytest.mark.parametrize("answers", [("0", "1"), ("no", "yes"), ("0.0", "1.0")])
def test_pairs_of_whom_only_some_are_tied_are_no_ties(word, names, answers, tmp_path):
    pairs = list(itertools.combinations(names, 2))
    rows = "".join(f"{a},{b},{answers[k < 3]}\n" for k, (a, b) in enumerate(pairs))
    with pytest.raises(GraphFileError, match="every line must be a tie"):
        read_edge_list(written(tmp_path, "pairs.csv", f"source,target,{word}\n{rows}"))
    if answers != ("no", "yes"):
        with pytest.raises(GraphFileError):
            read_edge_list(written(tmp_path, "pairs.csv", rows))


def test_columns_that_say_something_else_in_0_and_1_are_passed_over(tmp_path):
    rows = "1,2,0\n2,3,1\n1,3,1\n"
    assert ties(written(tmp_path, "a.csv", f"source,target,verified\n{rows}")) == TRIANGLE
    assert ties(written(tmp_path, "b.csv", "source,target,weight\n1,2,1\n2,3,1\n1,3,1\n")) == TRIANGLE
    assert ties(written(tmp_path, "c.csv", "source,target,weight\n1,2,0\n2,3,1\n1,3,2\n")) == TRIANGLE


@pytest.mark.parametrize("last", ["Total,3", "3,Grand total", "合计,3", "Summe,3", "count,3"])
def test_a_sum_below_the_ties_is_no_tie(last, tmp_path):
    above = "ann,bob\nbob,cy\ncy,ann\n"
    with pytest.raises(GraphFileError, match="line 5: a sum below the ties"):
        read_edge_list(written(tmp_path, "sum.csv", f"source,target\n{above}{last}\n"))


def test_a_person_may_be_called_total(tmp_path):
    text = "source,target\ntotal,bob\nbob,cy\ncy,total\n"
    assert ties(written(tmp_path, "person.csv", text)) == TRIANGLE
