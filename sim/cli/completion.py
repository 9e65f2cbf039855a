"""The verb ``completion``: a shell completes verbs, scenarios, keys and options as they are declared."""

from __future__ import annotations

from collections.abc import Sequence

from sim.cli.help import BY_KEY, MARKET, own_rows, setting_rows
from sim.cli.output import say
from sim.cli.verbs import VERBS
from sim.config.quantities import WORDS
from sim.core.errors import InputError
from sim.core.language import tr

DONE = 0
SHELLS = ("bash", "zsh", "fish")
_FLAGS = ("--json", "--quiet", "--log-file", "--with", "--help", "--help-keys")

_BASH = """\
# liebian: completion for {shell}; in your {file}: {line}
{before}_liebian() {{
    local current="${{COMP_LINE:0:COMP_POINT}}" verb="${{COMP_WORDS[1]}}" top="" deep="" settings="" keys=""
    current="${{current##* }}"
    settings='{settings}'
    keys='{keys}'
    case "$verb" in
{cases}
    esac
    if [[ $COMP_CWORD -le 1 ]]; then
        top='{verbs}'; deep=""
    fi
    if [[ "$current" == *.* ]]; then top="$deep"; fi
    COMPREPLY=($(compgen -W "$top" -- "$current"))
    # readline takes what stands before an equals sign for a word of its own
    if [[ "$current" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then
        local head="${{current%"${{current##*=}}"}}"
        COMPREPLY=("${{COMPREPLY[@]#"$head"}}")
    fi
}}
complete -o nospace -F _liebian liebian
"""


def completion(words: Sequence[str]) -> int:
    """Print the script of a shell."""
    if len(words) != 1 or words[0] not in SHELLS:
        raise InputError(
            tr(
                "completion: takes the name of one shell (you wrote '{words}'); write bash, zsh or fish",
                words=" ".join(words),
            )
        )
    say(script(words[0]), end="")
    return DONE


def script(shell: str) -> str:
    """Completion script.

    Parameters
    ----------
    shell : {'bash', 'zsh', 'fish'}
        Which shell.
    """
    if shell == "fish":
        return _fish()
    settings, keys = _settings()
    cases = [_case(verb) for verb in VERBS]
    zsh = shell == "zsh"
    return _BASH.format(
        shell=shell,
        file="~/.zshrc" if zsh else "~/.bashrc",
        line=f"source <(liebian completion {shell})",
        before="autoload -U +X bashcompinit && bashcompinit\n" if zsh else "",
        settings=" ".join(settings),
        keys=" ".join(keys),
        cases="\n".join(cases),
        verbs=" ".join([*VERBS, "--help", "--version"]),
    )


def own_words(verb: str) -> list[str]:
    """Words of a verb's own: keys, flags, topics, scenarios; without the settings of a market."""
    keys = [f"{text.partition('=')[0]}=" for text, _ in own_rows(verb)]
    words = [*keys, *VERBS[verb].flags, *_FLAGS, *_names(verb)]
    if verb in MARKET:
        words += [f"{word}=" for word in (*WORDS, "own")]
    return list(dict.fromkeys(words))


def _names(verb: str) -> list[str]:
    """Scenarios, tables or shells that stand for themselves, or behind ``scenario=``."""
    from sim.config import market_sources
    from sim.own.columns import tables

    scenarios = list(market_sources().scenario_paths())
    if verb in BY_KEY:
        named = [f"scenario={name}" for name in scenarios]
        return [*named, *scenarios] if verb == "plan" else named
    others = {
        "compare": scenarios,
        "robustness": scenarios,
        "reversals": scenarios,
        "template": list(tables()),
        "completion": list(SHELLS),
        "list": ["scenarios", "sections", "rules", "parameters"],
    }
    return others.get(verb, [])


def _settings() -> tuple[list[str], list[str]]:
    """Groups with their options and sections with a dot; and every key."""
    top, deep = [], []
    for name, options, keys in setting_rows("run"):
        top += [f"{name}={option}" for option in options] if len(options) > 1 else []
        top.append(f"{name}.")
        deep += [f"{name}.{key}=" for key in keys]
    return top, deep


def _case(verb: str) -> str:
    own = " ".join(own_words(verb))
    if verb in MARKET:
        return f"        {verb}) top='{own} '\"$settings\" deep='{own} '\"$keys\" ;;"
    return f"        {verb}) top='{own}' deep='{own}' ;;"


def _fish() -> str:
    """Fish filters by itself, so that every word is given to it once."""
    settings, keys = _settings()
    lines = [
        "# liebian: completion for fish; in ~/.config/fish/config.fish: liebian completion fish | source"
    ]
    lines += ["complete -c liebian -f"]
    lines += [f"complete -c liebian -n __fish_use_subcommand -a '{verb}'" for verb in VERBS]
    for verb in VERBS:
        seen = f"-n '__fish_seen_subcommand_from {verb}'"
        lines.append(f"complete -c liebian {seen} -a '{' '.join(own_words(verb))}'")
    market = f"-n '__fish_seen_subcommand_from {' '.join(MARKET)}'"
    lines.append(f"complete -c liebian {market} -a '{' '.join([*settings, *keys])}'")
    return "\n".join(lines) + "\n"
