"""The verbs of the command line, one row each: what it does, what it takes, and where it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sim.core.language import mark

#: Exit codes: done, a run failed, what the user wrote is wrong, interrupted.
DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Verb:
    """One verb.

    Attributes
    ----------
    name : str
        The word itself.
    purpose : str
        What it does, in one line.
    takes : str
        The words after it, as help shows them.
    home : str
        ``module:function`` within :mod:`sim.cli`; imported when the verb is used.
    flags : tuple of str
        Words with two dashes that it knows.
    examples : tuple of str
        Lines that can be copied.
    """

    name: str
    purpose: str
    takes: str
    home: str
    flags: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

    def load(self) -> Callable[[list[str]], int]:
        """The function that does it: words after the verb -> exit code."""
        from importlib import import_module

        module, _, function = self.home.partition(":")
        found: Callable[[list[str]], int] = getattr(import_module(f"sim.cli.{module}"), function)
        return found


_TABLE = (
    Verb(
        "ask",
        mark("a guided start: questions about your business become a scenario file and the commands to run"),
        "[NAME] [own=NAME]",
        "ask:ask",
        examples=("ask",),
    ),
    Verb(
        "template",
        mark("a table of your own to fill in: header, units, allowed spans and one row as an example"),
        "products|prices|costs|nodes|orders|edges [currency=CNY] [out=FILE]",
        "import_:template_",
        examples=("template products out=products.csv",),
    ),
    Verb(
        "import",
        mark("your own products, prices, costs, warehouses, orders and ties; checked line by line"),
        "FILE [FILE ...] [name=own] [currency=CNY rate=1] [columns=price:NAME,...] "
        "[categories=WORD:CATEGORY,...] [sheets=TABLE:NAME,...] [dates=day_first] [encoding=NAME] "
        "[folder=own] [salt=FILE] [replace=yes]",
        "import_:import_",
        examples=("import products.csv prices.csv", "import orders.xlsx name=shop"),
    ),
    Verb(
        "run",
        mark("one strategy beside the baseline on the same worlds; prints its scorecard"),
        "[scenario=NAME] [group=option] [section.key=value] ...",
        "commands:run",
        examples=(
            "run scenario=three_tier_referral",
            "run scenario=group_buy experiment.days=60 population.size=5000",
        ),
    ),
    Verb(
        "compare",
        mark("several strategies on the same worlds; prints a comparison and writes a report"),
        "NAME [NAME ...] [calibration=FILE] [group=option] [section.key=value] ...",
        "commands:compare",
        examples=("compare baseline flat_cash_referral three_tier_referral experiment.replications=5",),
    ),
    Verb(
        "plan",
        mark("the calendar of a strategy before anything runs: days, shocks, festivals, money"),
        "NAME [group=option] [section.key=value] ...",
        "plan:plan",
        examples=("plan downturn calendar=china",),
    ),
    Verb(
        "robustness",
        mark("whether the sign of a difference between two strategies holds across the uncertain parameters"),
        ("NAME NAME [draws=40] [vary=section,... | calibration=FILE] [group=option] [section.key=value] ..."),
        "robustness:robustness",
        examples=("robustness flat_cash_referral three_tier_referral draws=40",),
    ),
    Verb(
        "sensitivity",
        mark("which uncertainties move each figure, and whether they change which strategy is best"),
        (
            "[--dry-run] scenario=NAME[,NAME...] [vary=[section,...]] [trajectories=10] "
            "[then=sobol top=5 samples=64 second_order=off] [by=FIGURE] [kpis=[FIGURE,...]] "
            "[key=value] ..."
        ),
        "sensitivity:sensitivity",
        flags=("--dry-run",),
        examples=("sensitivity scenario=baseline,three_tier_referral vary=[sharing,fraud] trajectories=10",),
    ),
    Verb(
        "sweep",
        mark("many runs from one line: lists, ranges and designs over scenarios, options and values"),
        (
            "[--dry-run | --plan-only] [key=1,2,3 | key=range(0,30,10) | group=glob(*)] "
            "[design=lhs|sobol samples=64 vary=[key,...]] [key=value] ..."
        ),
        "sweep:sweep",
        flags=(
            "--dry-run",
            "--plan-only",
        ),
        examples=(
            ("sweep scenario=flat_cash_referral incentive.invite_reward=0,5,10 experiment.replications=5"),
        ),
    ),
    Verb(
        "optimise",
        mark("search for strategies: margin, targets met together, downside; then test on fresh worlds"),
        "[vary=[key,...]] [group=a,b] [objectives=[...]] [targets=[...]] [subject_to=[...]]"
        " [shocks=[...]] [trials=60] [batch=4] [sampler=tpe|nsga2] [holdout=10] "
        "[choose=...] [key=value] ...",
        "optimise:optimise",
        examples=(
            ("optimise vary=[pricing.list_level,incentive.invite_reward] incentive=none,flat_cash trials=40"),
        ),
    ),
    Verb(
        "execute",
        mark("runs of a sweep that is written down: all, or one machine's share of them"),
        "experiment=NAME [chunk=3/8] [engine=local] [engine.key=value] [paths.results=FOLDER]",
        "execute:execute",
        examples=("execute experiment=default chunk=1/4",),
    ),
    Verb(
        "select",
        mark("which of several strategies is best, with a stated probability of being right"),
        "by=INDICATOR zone=DIFFERENCE [confidence=0.95] [key=1,2,3] [key=value] ...",
        "select:select",
        examples=("select scenario=group_buy,private_domain by=contribution_margin zone=50",),
    ),
    Verb(
        "status",
        mark("how far sweeps have come: runs done, failed and waiting"),
        "[--watch] [experiment=NAME] [paths.results=FOLDER]",
        "store:status",
        flags=("--watch",),
        examples=("status experiment=default",),
    ),
    Verb(
        "compact",
        mark("fold the many small files of a finished sweep into few"),
        "[--unfinished] experiment=NAME [paths.results=FOLDER]",
        "store:compact",
        flags=("--unfinished",),
        examples=("compact experiment=default",),
    ),
    Verb(
        "warmup",
        mark("how long a market needs to come to rest, and whether the burn-in waits for it"),
        "[scenario=NAME] [days=720] [group=option] [section.key=value] ...",
        "warmup:warmup",
        examples=("warmup population.size=4000 experiment.replications=5",),
    ),
    Verb(
        "fidelity",
        mark("what the market brings forth of the operating plan's figures, beside what the plan states"),
        "[group=option] [section.key=value] ...",
        "fidelity:fidelity",
        examples=("fidelity population.size=3000 experiment.replications=4",),
    ),
    Verb(
        "reversals",
        mark("which uncertainties would turn the first recommendation of a comparison round"),
        "NAME NAME [NAME ...] [by=FIGURE] [vary=[section,...]] [key=value] ...",
        "reversals:reversals",
        examples=("reversals three_tier_referral flat_cash_referral",),
    ),
    Verb(
        "calibrate",
        mark("fit the market to your own files, or the baseline's free intercepts to the plan's figures"),
        (
            "[orders=FILE cascades=FILE deliveries=FILE edges=FILE] [free=KEY,KEY] "
            "[customers=new] [holdout=0.3] [waves=2 wave_points=32] [draws=40] [discrepancy=0.1] "
            "[statistics=NAME,NAME] [columns=customer:NAME,...] [dates=day_first] "
            "[encoding=NAME] [drop=negative,missing] | [rounds=8]  [group=option] "
            "[section.key=value] ..."
        ),
        "calibrate:calibration",
        examples=(
            "calibrate orders=my_orders.csv free=turnover.exit_rate,population.need_shape",
            "calibrate experiment.replications=5",
        ),
    ),
    Verb(
        "list",
        mark("what there is to choose from: scenarios, sections, options, parameters"),
        "[scenarios | sections | rules | parameters [SECTION | WORD ...]]",
        "listing:list_",
        examples=(
            "list",
            "list parameters incentive",
            "list parameters invite reward",
        ),
    ),
    Verb(
        "report",
        mark("the HTML report of what has been run already"),
        "[experiment=NAME] [paths.results=FOLDER]",
        "commands:report",
        examples=("report experiment=default",),
    ),
    Verb(
        "bundle",
        mark("runs as one file that anybody can play again, and whether they come out equal"),
        "EXPERIMENT|RUN FILE.zip [paths.results=FOLDER] | --check FILE.zip [runs=N] [inputs=FOLDER]",
        "bundle:bundle",
        flags=("--check",),
        examples=("bundle default out.zip", "bundle --check out.zip"),
    ),
    Verb(
        "completion",
        mark("a script with which your shell completes verbs, scenarios, keys and options"),
        "bash|zsh|fish",
        "completion:completion",
        examples=("completion bash",),
    ),
    Verb(
        "board",
        mark("a page in the browser to plan on, run, compare and search; served to this machine alone"),
        "[port=8501] [paths.results=FOLDER]",
        "board:board",
        examples=("board",),
    ),
)
VERBS = {verb.name: verb for verb in _TABLE}
EXAMPLES = "".join(f"  liebian {line}\n" for verb in _TABLE for line in verb.examples)
