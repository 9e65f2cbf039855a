"""A search with a market of one formula: it finds the known front, survives every stop, keeps its word."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path

import numpy as np
import pytest

from sim.core.errors import ConfigError, StoreError
from sim.core.sealed import sealed
from sim.store.store import Store
from sim.studies.optimise.objectives import MARGIN, Measured, Proposal
from sim.studies.optimise.request import Request, Space
from sim.studies.optimise.search import check, load_optimisation, optimise
from sim.studies.optimise.study import JOURNAL, search
from tests.cli.tiny import fingerprint

#: Two levers over known ranges and one choice.
SPACE = ("vary=[pricing.list_level,incentive.clawback_days]", "incentive=none,flat_cash")
WORDS = (*SPACE, "objectives=[contribution_margin,new_users]", "experiment.replications=2", "holdout=0",
         "experiment.name=s")  # fmt: skip


def asked(tmp_path: Path, *words: str) -> Request:
    """A request; what ``words`` say of a key stands in for the usual words."""
    said = {word.partition("=")[0] for word in words}
    usual = [word for word in WORDS if word.partition("=")[0] not in said]
    return Request.parse([*usual, *words, f"paths.results={tmp_path}", f"paths.cache={tmp_path / 'cache'}"])


def formula(proposal: Proposal) -> Measured:
    """Margin falls with price, users rise with it; cash costs both, so no strategy with cash is best."""
    price, days = proposal.strategy["pricing.list_level"], proposal.strategy["incentive.clawback_days"]
    cash = proposal.strategy["incentive"] == "flat_cash"
    worlds = [
        {
            MARGIN: 100 * (1.15 - price) - days - 40 * cash + world,
            "new_users": 100 * price - days - 40 * cash - world,
            "fraud_rate": 0.1 * cash,
            "on_time_rate": float("nan"),
        }
        for world in (0.0, 1.0)
    ]
    return Measured({"none": worlds}, [{}, {}])


def evaluate(proposals):
    return [formula(one) for one in proposals]


def lead(request: Request, root: Path, evaluator=evaluate):
    return deque(optimise(request, Store(root), lambda job, outcome: None, evaluator), maxlen=1).pop()


def test_the_known_front_is_recovered(tmp_path):
    """The front has no cash and no days; every price is on it, because it trades one for the other.

    A strategy with d days is beaten by any that has none and a price within d hundredths, so that a
    front of some twenty prices on a range of thirty hundredths leaves room for few days.
    """
    found = lead(asked(tmp_path, "trials=50"), tmp_path)
    front = found.front
    assert (front["incentive"] == "none").all()
    assert front["incentive.clawback_days"].max() <= 6  # of 30
    assert len(found.trials) == 50
    assert found.trials["trial"].tolist() == list(range(50))
    near = front["pricing.list_level"]
    assert near.min() < 0.9
    assert near.max() > 1.1
    assert found.best(MARGIN) == front["trial"].iloc[0]
    assert found.trials["contribution_margin_low"].notna().all()


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_the_same_seed_and_batch_give_the_same_trials_and_another_seed_others(tmp_path, sampler):
    words = ("trials=14", f"sampler={sampler}", "startup=4", "generation=5")
    first, again, other = (
        lead(asked(tmp_path / name, *words, f"experiment.seed={seed}"), tmp_path / name).trials
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first.equals(again)
    assert not first["pricing.list_level"].iloc[1:].equals(other["pricing.list_level"].iloc[1:])


def test_the_first_strategy_is_the_market_as_it_is(tmp_path):
    found = lead(asked(tmp_path, "trials=1"), tmp_path)
    assert found.strategy(0) == {
        "incentive": "none", "pricing.list_level": 1.0, "incentive.clawback_days": 7,
    }  # fmt: skip


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_a_search_cut_off_at_any_moment_ends_as_if_nobody_had_touched_it(tmp_path, sampler):
    """The journal is cut at many lengths, inside lines too, as a kill or a full disk would leave it."""
    words = ("trials=10", f"sampler={sampler}", "startup=3", "generation=4", "batch=4",
             "subject_to=[fraud_rate<=0.05]")  # fmt: skip
    whole = lead(asked(tmp_path / "whole", *words), tmp_path / "whole").trials
    journal = (tmp_path / "whole/sweeps/s" / JOURNAL).read_bytes()
    cuts = np.linspace(0, len(journal), 9).astype(int)
    assert len(journal.splitlines()) > 60
    for n, cut in enumerate(cuts):
        root = tmp_path / str(n)
        request = asked(root, *words)
        for _ in optimise(request, Store(root), lambda job, outcome: None, evaluate):
            break  # begun: the space is written down, nothing is tried yet
        (root / "sweeps/s" / JOURNAL).write_bytes(journal[:cut])
        assert lead(request, root).trials.equals(whole), f"cut at {cut}"


def test_an_interrupted_evaluation_is_taken_up_and_finished_trials_are_not_evaluated_again(tmp_path):
    request, seen = asked(tmp_path, "trials=12"), []

    def interrupted(proposals):
        if len(seen) >= 4:
            raise KeyboardInterrupt
        seen.extend(one.trial for one in proposals)
        return evaluate(proposals)

    with pytest.raises(KeyboardInterrupt):
        lead(request, tmp_path, interrupted)
    assert len(load_optimisation(tmp_path, "s").trials) == 4

    def counted(proposals):
        seen.extend(one.trial for one in proposals)
        return evaluate(proposals)

    resumed = lead(request, tmp_path, counted)
    assert seen == list(range(12))
    assert resumed.trials.equals(lead(asked(tmp_path / "b", "trials=12"), tmp_path / "b").trials)


def test_a_finished_search_can_be_led_further(tmp_path):
    lead(asked(tmp_path, "trials=4"), tmp_path)
    more = lead(asked(tmp_path, "trials=8"), tmp_path)
    assert more.trials.equals(lead(asked(tmp_path / "b", "trials=8"), tmp_path / "b").trials)


def test_a_strategy_that_fails_is_told_with_its_reason_and_the_search_goes_on(tmp_path):
    def failing(proposals):
        return ["books do not balance" if one.trial == 2 else formula(one) for one in proposals]

    found = lead(asked(tmp_path, "trials=8"), tmp_path, failing)
    row = found.trials.iloc[2]
    assert (row["state"], row["reason"], row["feasible"], row["pareto"]) == (
        "failed", "books do not balance", False, False,
    )  # fmt: skip
    assert np.isnan(row[MARGIN])
    assert (found.trials["state"] == "complete").sum() == 7


def test_an_objective_that_is_not_observable_fails_the_trial(tmp_path):
    found = lead(asked(tmp_path, "trials=2", "objectives=[on_time_rate]"), tmp_path)
    assert found.trials["reason"].tolist() == ["on_time_rate: not observable"] * 2
    assert found.best("on_time_rate") is None


def test_rules_are_kept_by_every_strategy_on_the_front(tmp_path):
    """Margin alone would be best at the lowest price; the rule asks for at least 100 users."""
    found = lead(
        asked(tmp_path, "trials=50", "objectives=[contribution_margin]", "subject_to=[new_users>=100]"),
        tmp_path,
    )
    broken = found.trials[~found.trials["feasible"]]
    assert (broken["new_users"] < 100).all()
    assert (found.trials.loc[found.trials["feasible"], "new_users"] >= 100).all()
    assert broken[MARGIN].max() > found.front[MARGIN].max()  # the rule costs something
    assert found.front[MARGIN].iloc[0] > 9  # 15 at price 1 without days, the best there is


def test_where_no_strategy_keeps_the_rules_none_is_chosen(tmp_path):
    found = lead(asked(tmp_path, "trials=4", "subject_to=[new_users>=1e6]"), tmp_path)
    assert found.best(MARGIN) is None
    assert found.front.empty
    assert found.best("2") == 2


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("vary=[pricing.list_level]", "vary: 's' was begun with"),
        ("incentive=flat_cash,none", "vary: 's' was begun with"),
        ("objectives=[new_users,contribution_margin]", "objectives: 's' was begun with"),
        ("subject_to=[fraud_rate<=0.5]", "subject_to: 's' was begun with"),
        ("experiment.seed=9", "experiment.seed: 's' was begun with 1"),
        ("experiment.replications=3", "experiment.replications: 's' was begun with"),
        ("batch=5", "batch: 's' was begun with 4"),
        ("population.size=500", "settings: 's' was begun with"),
    ],
)
def test_another_search_under_the_same_name_is_refused_and_loses_nothing(tmp_path, word, said):
    lead(asked(tmp_path, "trials=4"), tmp_path)
    before = fingerprint(tmp_path)
    with pytest.raises(StoreError) as caught:
        lead(asked(tmp_path, "trials=8", word), tmp_path)
    assert any(line.startswith(said) for line in caught.value.problems)
    assert fingerprint(tmp_path) == before


def test_a_search_of_another_version_and_a_sweep_under_its_name_are_refused(tmp_path):
    request = asked(tmp_path, "trials=2")
    lead(request, tmp_path)
    path = tmp_path / "sweeps/s/optimisation.json"
    content = json.loads(path.read_text())
    del content["seal"]
    content["spec"]["code"] = "another"
    path.write_text(json.dumps(sealed(content, "s")))
    with pytest.raises(StoreError, match="another version of the program"):
        check(request, tmp_path)
    path.unlink()
    (tmp_path / "sweeps/s" / JOURNAL).unlink()
    (tmp_path / "sweeps/s/manifest.jsonl").write_text("{}\n")
    with pytest.raises(StoreError, match="is a sweep"):
        check(request, tmp_path)


def test_two_processes_do_not_lead_one_search(tmp_path):
    request, folder = asked(tmp_path, "trials=4"), tmp_path / "sweeps/s"
    first = search(request, folder, evaluate)
    next(first)
    with pytest.raises(StoreError, match="another process leads the search"):
        next(search(request, folder, evaluate))
    first.close()
    assert len(list(search(request, folder, evaluate))) == 2  # nothing told before, then one batch


def test_a_torn_file_and_a_missing_search_are_told(tmp_path):
    with pytest.raises(StoreError, match="no search 's'"):
        load_optimisation(tmp_path, "s")
    lead(asked(tmp_path, "trials=1"), tmp_path)
    (tmp_path / "sweeps/s/optimisation.json").write_text('{"layout": 1, "spec"')
    with pytest.raises(StoreError, match="cannot be read"):
        load_optimisation(tmp_path, "s")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("objectives=[profit]",), "objectives: 'profit' is no objective"),
        (("objectives=[all_in_spend]",), "objectives: 'all_in_spend' is no objective"),
        (("objectives=[]",), "objectives: must name"),
        (("objectives=[downside,downside]",), "objectives: 'downside' stands there twice"),
        (("targets=[profit]",), "targets: 'profit' is no target"),
        (("subject_to=[fraud<=0.1]",), "subject_to: 'fraud' is no figure"),
        (("trials=0",), "trials must be"),
        (("trials=many",), "trials must be a whole number"),
        (("trials=2.5",), "trials must be a whole number"),
        (("trials=nan",), "trials must be"),
        (("batch=0",), "batch must be"),
        (("alpha=0",), "alpha must be"),
        (("alpha=1.5",), "alpha must be"),
        (("holdout=-1",), "holdout must be"),
        (("sampler=random",), "sampler must be"),
        (("trials=5", "trials=6"), "trials: must be given once"),
        (("shocks=[flood]", "objectives=[downside]"), "shocks: there is no 'flood'"),
        (("shocks=[downturn]",), "shocks: only 'downside' looks at them"),
        (("shock=downturn",), "shock: write the shocks"),
        (("design=lhs",), "design: optimise draws"),
        (("choose=profit",), "choose: must be an objective"),
        (("choose=60",), "choose: must be an objective or the number of a trial below 60"),
        (("vary=[sharing.friends]",), "vary: 'sharing.friends' is nothing that can be chosen"),
        (("vary=[nothing]",), "vary: 'nothing' names no lever"),
        (("vary=[pricing.rule]",), "vary: 'pricing.rule' names no lever"),
        (("population=default,small",), "population: 'small' changes the world (population.size)"),
        (("incentive=none,bribe",), "there is no option 'bribe'"),
        (("pricing.list_level=0.9,-1", "vary=[incentive.clawback_days]"), "pricing.list_level must be"),
        (("experiment.seed=1,2",), "experiment.seed: is one for the whole"),
        (("experiment.name=" + "a" * 60, "holdout=5"), "experiment.name: must be at most"),
    ],
)
def test_wrong_words_are_told_before_anything_runs(tmp_path, words, said):
    with pytest.raises(ConfigError) as caught:
        asked(tmp_path, *words)
    assert any(said in line for line in caught.value.problems), caught.value.problems
    assert not any(tmp_path.iterdir())


def test_nothing_to_search_is_told():
    with pytest.raises(ConfigError, match="there is nothing to search"):
        Request.parse(["experiment.replications=2"])


def test_all_problems_are_told_at_once():
    with pytest.raises(ConfigError) as caught:
        Request.parse([*SPACE, "objectives=[profit]", "trials=0", "subject_to=[x<=1]"])
    assert len(caught.value.problems) == 3


def test_shares_of_one_whole_are_folded_as_in_a_design():
    request = Request.parse(
        ["vary=[incentive.tier_split_subsidy,incentive.tier_split_service]", "incentive=three_tier"]
    )
    ran = request.space.strategy({"incentive.tier_split_subsidy": 0.6, "incentive.tier_split_service": 0.6})
    assert sum(ran.values()) <= 1


def test_what_is_drawn_lies_in_the_space():
    request = Request.parse([*SPACE, "fraud.review=0.1,0.5"])
    space: Space = request.space
    assert set(space.choices) == {"incentive", "fraud.review"}
    assert space.choices["fraud.review"] == (0.1, 0.5)
    assert set(space.spans) == {"pricing.list_level", "incentive.clawback_days"}
    assert [type(value) for value in space.start().values()] == [str, float, float, int]
