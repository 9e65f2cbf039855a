"""The page of a fit: statistics on both sides, ranges, what the files do not tell, and held-out days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sim.calibration.statistics.targets import BY_NAME
from sim.calibration.study import Fit
from sim.core.language import tr
from sim.store.draws import Draws

#: Share of the simulated worlds' law that a stated band holds.
BAND = 0.95


def band(worlds: np.ndarray) -> tuple[float, float]:
    """Where a further world's statistic lies with a chance of :data:`BAND`, from a few worlds: a t interval.

    Parameters
    ----------
    worlds : float64[n]
        One value a world; nan where nothing could be said.
    """
    from scipy.special import stdtrit

    seen = worlds[np.isfinite(worlds)]
    if len(seen) < 2:
        return float("nan"), float("nan")
    half = float(stdtrit(len(seen) - 1, 0.5 + BAND / 2) * seen.std(ddof=1) * np.sqrt(1.0 + 1.0 / len(seen)))
    return float(seen.mean()) - half, float(seen.mean()) + half


def inside(value: float, error: float, ends: tuple[float, float]) -> bool | None:
    """Whether a real value, two standard errors to both sides, touches a band; None without a band."""
    if not np.isfinite(ends).all():
        return None
    return bool(ends[0] <= value + 2.0 * error and value - 2.0 * error <= ends[1])


def sentences(found: Fit) -> list[str]:
    """The fit in words."""
    planned, names = found.plan, found.plan.space.keys
    told = [name for name, known in zip(names, found.posterior.identified, strict=True) if known]
    dark = [name for name, known in zip(names, found.posterior.identified, strict=True) if not known]
    judged = [verdict for *_, verdict in _statistics(found) if verdict is not None]
    lines = [
        tr(
            "{n_judged} of {n_judged2} statistics lie inside the band of worlds drawn from the posterior.",
            n_judged=sum(judged),
            n_judged2=len(judged),
        ),
        tr("Narrowed by these files: {told}.", told=tr(", ").join(told) or tr("nothing")),
    ]
    if dark:
        lines.append(tr("Not identified, as wide as the declared range: {dark}.", dark=tr(", ").join(dark)))
    unlearnt = [one.name for one, kept in zip(planned.targets, found.matched.kept, strict=True) if not kept]
    if unlearnt:
        lines.append(
            tr(
                "Not fitted, because too few simulated worlds could tell: {unlearnt}.",
                unlearnt=tr(", ").join(unlearnt),
            )
        )
    if found.matched.left[-1] == 0.0:
        lines.append(tr("No point of the ranges fits every statistic: the nearest ones are kept."))
    if found.held_out and np.isfinite(found.held_out[0].model).any():
        row = found.held_out[0]
        lines.append(
            tr(
                "Held-out days: {real:.2f} later orders a customer; simulated {nanmean:.2f}, BG/NBD "
                "{usual:.2f}.",
                real=row.real,
                nanmean=np.nanmean(row.model),
                usual=row.usual,
            )
        )
    return lines


def _statistics(found: Fit) -> Iterator[tuple[str, float, float, tuple[float, float], bool | None]]:
    """Name, real value, its error, band and verdict of each statistic."""
    for n, one in enumerate(found.plan.targets):
        ends = band(found.checked[:, n])
        yield one.name, one.value, one.error, ends, inside(one.value, one.error, ends)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    return [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows)]


def page(found: Fit) -> str:
    """The whole page, Markdown."""
    planned, request = found.plan, found.plan.request
    config, posterior = planned.config, found.posterior
    files = tr(", ").join(
        tr("{kind} from {name}", kind=kind, name=path.name) for kind, path in request.files.items()
    )
    settings = " ".join(request.settings)
    lines = [
        tr("# A market fitted to files"),
        "",
        tr(
            "Files: {files}. Settings: {settings}.",
            files=files,
            settings=settings or tr("none beside the usual ones"),
        ),
        tr(
            "{n_unit} points in {waves} waves, {replications} worlds each, of {size:,} people "
            "and {days} days; left of the ranges after each wave: ",
            n_unit=len(found.matched.unit),
            waves=request.waves,
            replications=config.experiment.replications,
            size=config.population.size,
            days=config.experiment.days,
        )
        + tr(", ").join(f"{100 * share:.2g}%" for share in found.matched.left)
        + tr(
            ". Model discrepancy: {discrepancy:g}% of every statistic, one standard deviation.",
            discrepancy=100 * request.discrepancy,
        ),
        "",
        *sentences(found),
        "",
        tr("## Statistics"),
        "",
        *table(
            [
                tr("statistic"),
                tr("what"),
                tr("real"),
                tr("error"),
                tr("simulated, 95% of worlds"),
                tr("inside"),
            ],
            [
                [name, tr(BY_NAME[name].what), f"{value:.4g}", f"{error:.2g}", _span(*ends), _word(verdict)]
                for name, value, error, ends, verdict in _statistics(found)
            ],
        ),
        "",
        tr(
            "Bands: where one more world at a draw from the posterior lies (t interval from "
            "{n_checked} worlds). Inside: the real value, two standard errors to both sides, "
            "touches the band.",
            n_checked=len(found.checked),
        ),
        "",
        tr("## Parameters"),
        "",
        *table(
            [
                tr("parameter"),
                tr("in force"),
                tr("declared range"),
                tr("median"),
                tr("90% range"),
                tr("identified"),
            ],
            list(_parameters(found)),
        ),
        "",
        tr(
            "Longest autocorrelation of the sampler: {autocorrelation:.0f} steps.",
            autocorrelation=posterior.autocorrelation,
        ),
    ]
    if found.held_out:
        lines += ["", *_held_out(found)]
    return "\n".join(lines) + "\n"


def _parameters(found: Fit) -> Iterator[list[str]]:
    space, posterior = found.plan.space, found.posterior
    low, high = space.values(posterior.range())
    middle = space.values(np.median(posterior.unit, axis=0))
    for n, key in enumerate(space.keys):
        yield [
            key,
            f"{space.default[n]:.4g}",
            _span(space.low[n], space.high[n]),
            f"{middle[n]:.4g}",
            _span(low[n], high[n]),
            tr("yes") if posterior.identified[n] else tr("no"),
        ]


def _held_out(found: Fit) -> list[str]:
    planned = found.plan
    last = planned.tables["orders"].days - planned.question.fit_days
    rows = []
    for row in found.held_out:
        seen = row.model[np.isfinite(row.model)]
        mean = f"{seen.mean():.3g}" if len(seen) else "–"
        rows.append(
            [
                {"": tr("all"), "once": "1", "few": tr("2 or 3"), "many": tr("4 or more")}[row.group],
                f"{row.customers:,}",
                f"{row.real:.3g} ± {row.error:.1g}",
                mean,
                _span(*band(row.model)),
                f"{row.usual:.3g}",
                _nearer(row.real, float(seen.mean()) if len(seen) else float("nan"), row.usual),
            ]
        )
    head = [
        tr("orders before"),
        tr("customers"),
        tr("real"),
        tr("simulated"),
        tr("95% of worlds"),
        "BG/NBD",
        tr("nearer"),
    ]
    return [
        tr("## Held-out days"),
        "",
        tr("Orders a customer in the {last:.0f} days that the fit has not seen.", last=last),
        "",
        *table(head, rows),
    ]


def _nearer(real: float, market: float, usual: float) -> str:
    gaps = abs(market - real), abs(usual - real)
    return "–" if not np.isfinite(gaps).all() else (tr("market") if gaps[0] <= gaps[1] else "BG/NBD")


def _span(low: float, high: float) -> str:
    return tr("{low:.4g} to {high:.4g}", low=low, high=high) if np.isfinite([low, high]).all() else "–"


def _word(verdict: bool | None) -> str:
    return {True: tr("yes"), False: tr("no"), None: "–"}[verdict]


def scenario_text(found: Fit) -> str:
    """A scenario file: the draw nearest to all others, as lines of settings."""
    space = found.plan.space
    middle = Draws(space.keys, found.draws).middle
    files = ", ".join(path.name for path in found.plan.request.files.values())
    lines = [
        "# written by 'liebian calibrate'",
        f"description: A market fitted to {_plain(files)}",
    ]
    lines += [
        f"{key}: {round(value) if whole else float(f'{value:.5g}')}"
        for (key, value), whole in zip(middle.items(), space.whole, strict=True)
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """A file's name without what YAML would read as something else."""
    return "".join(c if c.isalnum() or c in "._-, " else " " for c in text)
