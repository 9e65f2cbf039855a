"""The page itself: ``liebian board`` lets Streamlit run this file."""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd
import streamlit as st

from sim.board import answers, form
from sim.board.desk import Desk, Run
from sim.board.draft import save
from sim.board.jobs import CANCELLED, DONE, FAILED, RUNNING, Job
from sim.config import describe_scenarios, market_sources
from sim.core.errors import InputError
from sim.core.language import ENGLISH, LANGUAGES, language, mark, speak, tr
from sim.report.sentences import scenario_label
from sim.runs.live import lived

_STATES = {
    RUNNING: mark("running"),
    DONE: mark("done"),
    FAILED: mark("failed"),
    CANCELLED: mark("cancelled"),
}
_SIDE_BY_SIDE = 3
_EVERY = 1.0


def results_folder() -> Path:
    """Where results go: the word after the script, as ``liebian board`` writes it."""
    named = [word.removeprefix("paths.results=") for word in sys.argv if word.startswith("paths.results=")]
    return Path(named[-1] if named else "results").resolve()


def desk() -> Desk:
    """What this visitor has before them."""
    if "desk" not in st.session_state:
        st.session_state.desk = Desk(results_folder())
    found: Desk = st.session_state.desk
    return found


def _speak() -> None:
    """Let this visitor's language be in force: chosen on the page, else as the server was told."""
    named = [word.removeprefix("language=") for word in sys.argv if word.startswith("language=")]
    speak(str(st.session_state.get("language", named[-1] if named else ENGLISH)))


def main() -> None:
    """Lay out the page; what a user's own files have wrong is told in its place."""
    _speak()
    st.set_page_config(tr("Liebian board"), layout="wide")
    try:
        _page()
    except InputError as error:
        for line in error.problems:
            st.error(line)


def _page() -> None:
    mine, sources = desk(), market_sources()
    with st.sidebar:
        st.title(tr("Liebian board"))
        at = list(LANGUAGES).index(language())
        st.selectbox(
            "Language, 语言", list(LANGUAGES), at, key="language", format_func=lambda one: LANGUAGES[one]
        )
        form.begin(mine, sources)
        with st.expander(tr("The business, in its own words")):
            form.business(mine)
        with st.expander(tr("Size of the run")):
            form.size(mine)
    pages = {
        mark("Plan"): _plan,
        mark("Result"): _result,
        mark("Side by side"): _side_by_side,
        mark("Try and search"): _search,
    }
    chosen = st.radio(
        *(tr("Page"), list(pages)),
        key="page",
        horizontal=True,
        label_visibility="collapsed",
        format_func=tr,
    )
    pages[str(chosen)](mine)


def _plan(mine: Desk) -> None:
    """Edit the strategy, check it, run it, save it."""
    sources = market_sources()
    st.subheader(tr("What it does"))
    form.levers(mine, sources)
    with st.expander(tr("Options: designs of rewards, delivery, private domain and more")):
        form.options(mine, sources)
    with st.expander(tr("The plan's calendar: stages"), expanded=bool(mine.draft.stages)):
        form.stages(mine, sources)
    problems = mine.draft.problems()
    for line in problems:
        st.error(line)
    st.caption(tr("The same in a terminal"))
    st.code(mine.draft.command(), language="bash", wrap_lines=True)
    run, calendar, name, keep = st.columns([1, 1, 2, 1], vertical_alignment="bottom")
    changes = ", ".join(f"{key}={value}" for key, value in mine.draft.levers.items())
    label = f"{scenario_label(mine.draft.begin)} {changes}".strip()
    started = (mine, label, "run", mine.draft.words())
    run.button(
        tr("Run"), "run", type="primary", disabled=bool(problems or mine.busy), on_click=_start, args=started
    )
    shown = calendar.button(tr("Calendar"), disabled=bool(problems), key="calendar")
    text = name.text_input(tr("Save as"), key="save:name", placeholder=tr("a name: a-z, 0-9, _"))
    if keep.button(tr("Save"), disabled=not text or bool(problems), key="save"):
        _save(mine, text)
    if shown:
        _calendar(mine)
    if mine.busy:
        _watched(mine)


@st.fragment(run_every=_EVERY)
def _watched(mine: Desk) -> None:
    """What is running; once it has ended, the page is laid out anew, so that it can be run again."""
    _speak()
    if mine.busy is None:
        st.rerun()
        return
    st.info(tr("{label} is running: see Result", label=mine.busy.label))


def _start(mine: Desk, label: str, verb: str, words: list[str]) -> None:
    """Start a command and turn to where it is seen."""
    mine.start(f"{len(mine.runs) + 1}. {label}", verb, words)
    st.session_state.page = "Result"


def _save(mine: Desk, name: str) -> None:
    try:
        path = save(mine.draft, name, Path("scenarios"))
    except InputError as error:
        for line in error.problems:
            st.error(line)
    else:
        st.success(tr("{path}: 'liebian run scenario={name}' plays it", path=path, name=name))


def _calendar(mine: Desk) -> None:
    """The calendar before anything runs, as ``liebian plan`` prints it."""
    job = Job(["plan", mine.draft.begin, *mine.draft.words()[1:]], mine.folder / "plan")
    job.wait(60)
    for line in job.problems:
        st.warning(line)
    _tables(job)


def _result(mine: Desk) -> None:
    """The run that goes on, or the answer of one that has ended."""
    if mine.busy:
        _going_on(mine)
        return
    if not mine.runs:
        st.caption(tr("Nothing has been run yet: Plan, then Run"))
        return
    labels = [run.label for run in mine.runs]
    chosen = st.selectbox(tr("Run"), labels, len(labels) - 1, key=f"result:{len(labels)}")
    _ended(mine, mine.runs[labels.index(chosen)], "result")


@st.fragment(run_every=_EVERY)
def _going_on(mine: Desk) -> None:
    """Progress, looked at again every second; what is stored so far is shown under it."""
    _speak()
    run = mine.busy
    if run is None:
        st.rerun()
        return
    progress, days = run.job.progress, mine.days(run)
    st.progress(
        max(progress.share, lived(days, progress.total)),
        tr(
            "{label}: {done} of {total} runs; {line}",
            label=run.label,
            done=progress.done,
            total=progress.total or "?",
            line=progress.line,
        ),
    )
    st.code(run.job.command, language="bash", wrap_lines=True)
    if st.button(tr("Cancel"), key="cancel"):
        run.job.cancel()
        st.rerun()
    stored = answers.loaded(mine.results, run.experiment) if progress.done else None
    compares = run.verb in ("run", "compare")
    if compares and (stored is None or not answers.answers_yet(stored, days)):
        answers.going(days, "going")
    elif stored is None:
        st.caption(tr("The first picture comes with the first finished worlds"))
    elif run.verb == "sweep":
        answers.response(stored, f"live:{run.experiment}")
    else:
        st.caption(tr("What is stored so far; intervals narrow as worlds are added"))
        answers.show(stored, f"live:{run.experiment}")


def _ended(mine: Desk, run: Run, key: str) -> None:
    state = run.job.state
    st.caption(f"{tr(_STATES[state])}: `{run.job.command}`")
    for line in run.job.problems:
        (st.error if state == FAILED else st.warning)(line)
    if state == CANCELLED:
        st.warning(tr("Cancelled: what follows is of the runs that were finished"))
    stored = answers.loaded(mine.results, run.experiment)
    if stored is None:
        st.caption(tr("No run was finished"))
    elif run.verb in ("run", "compare"):
        answers.show(stored, f"{key}:{run.experiment}")
    else:
        if run.verb == "sweep":
            answers.response(stored, f"{key}:{run.experiment}")
        _tables(run.job)


def _tables(job: Job) -> None:
    """Tables as the command prints them."""
    for table in job.document.get("tables", []):
        st.markdown(f"**{table['title']}**")
        st.dataframe(pd.DataFrame(table["rows"], columns=table["columns"]), hide_index=True)


def _side_by_side(mine: Desk) -> None:
    """Runs of this visit beside each other, and scenarios on the same worlds."""
    ended = {
        run.label: run for run in mine.runs if run.verb in ("run", "compare") and run.job.state != RUNNING
    }
    chosen = st.multiselect(
        tr("Runs of this visit"),
        list(ended),
        max_selections=_SIDE_BY_SIDE,
        key="beside",
        placeholder=tr(form.CHOOSE),
    )
    if chosen:
        st.caption(tr("Each is told against its own baseline; only a comparison says how far they differ"))
        for column, name in zip(st.columns(len(chosen)), chosen, strict=True):
            with column:
                st.markdown(f"**{name}**")
                _ended(mine, ended[name], "beside")
    st.subheader(tr("Compare scenarios on the same worlds"))
    names = list(describe_scenarios(market_sources()))
    wanted = st.multiselect(
        tr("Scenarios, saved ones too"),
        names,
        key="compare:names",
        format_func=scenario_label,
        placeholder=tr(form.CHOOSE),
    )
    started = (mine, ", ".join(map(scenario_label, wanted)), "compare", [*wanted, *mine.draft.held()])
    st.button(tr("Compare"), "compare", disabled=bool(mine.busy) or not wanted, on_click=_start, args=started)


def _search(mine: Desk) -> None:
    """Values of a lever one after the other, or a search among many levers."""
    every = {one.key: one for one in form.known_fields(mine.draft, market_sources())}
    numbers = [key for key, one in every.items() if not isinstance(one.default, (bool, str))]
    st.subheader(tr("Try values of one lever"))
    key = str(st.selectbox(tr("Lever"), numbers, key="try:key", format_func=lambda one: every[one].label))
    span = every[key].span or (every[key].low or 0.0, every[key].default)
    values = st.text_input(
        tr("Values"), f"{span[0]:g}, {every[key].default:g}, {span[1]:g}", key=f"try:{key}"
    )
    words = [*mine.draft.without([key]).words(), f"{key}={values.replace(' ', '')}"]
    blocked = bool(mine.busy or mine.draft.problems())
    st.button(
        tr("Try"), "try", disabled=blocked, on_click=_start, args=(mine, f"{key}={values}", "sweep", words)
    )
    st.subheader(tr("Search among levers"))
    vary = st.multiselect(
        tr("Levers"),
        numbers,
        key="search:vary",
        format_func=lambda one: every[one].label,
        placeholder=tr(form.CHOOSE),
    )
    trials = int(st.number_input(tr("Trials"), 5, 1000, 20, key="search:trials"))
    words = [*mine.draft.without(vary).words(), f"vary=[{','.join(vary)}]", f"trials={trials}"]
    st.button(
        tr("Search"),
        "search",
        disabled=blocked or not vary,
        on_click=_start,
        args=(mine, tr("search"), "optimise", words),
    )


if __name__ == "__main__":
    main()
