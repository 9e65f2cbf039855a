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
#: Flags that stand before any verb.
_FIRST = ("--help", "--version")

#: What stands in the scripts of bash and zsh alike: words of each verb.
_WORDS = """\
    settings='{settings}'
    keys='{keys}'
    case "$verb" in
{cases}
        *) top='{verbs}' deep="" ;;
    esac
    if [[ "$current" == *.* ]]; then top="$deep"; fi
"""
_BASH = """\
# liebian: completion for bash; in your ~/.bashrc: source <(liebian completion bash)
_liebian() {{
    local current="${{COMP_LINE:0:COMP_POINT}}" verb="" top="" deep="" settings="" keys="" one
    current="${{current##* }}"
    for one in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case ' {names} ' in *" $one "*) verb="$one"; break ;; esac
    done
{words}    COMPREPLY=($(compgen -W "$top" -- "$current"))
    # readline takes what stands before an equals sign for a word of its own
    if [[ "$current" == *=* && "$COMP_WORDBREAKS" == *=* ]]; then
        local head="${{current%"${{current##*=}}"}}"
        COMPREPLY=("${{COMPREPLY[@]#"$head"}}")
    fi
}}
complete -o nospace -F _liebian liebian
"""
_ZSH = """\
# liebian: completion for zsh; in your ~/.zshrc: source <(liebian completion zsh)
if ! (( $+functions[compdef] )); then autoload -Uz compinit && compinit; fi
_liebian() {{
    local current="$PREFIX" verb="" top="" deep="" settings="" keys="" one
    for one in "${{(@)words[2,CURRENT-1]}}"; do
        case ' {names} ' in *" $one "*) verb="$one"; break ;; esac
    done
{words}    local -a all going_on whole
    all=(${{=top}})
    going_on=(${{(M)all:#*[.=]}})
    whole=(${{all:#*[.=]}})
    compadd -S '' -a going_on
    compadd -a whole
}}
compdef _liebian liebian
"""
_FISH = """\
# liebian: completion for fish; in ~/.config/fish/config.fish: liebian completion fish | source
# Whether the verb of the line is one of these or, without any, whether there is none yet.
function __liebian_at
    for one in (commandline -opc)[2..-1]
        if contains -- $one {names}
            contains -- $one $argv
            return
        end
    end
    test (count $argv) -eq 0
end
complete -c liebian -f
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
    words = _WORDS.format(
        settings=" ".join(settings),
        keys=" ".join(keys),
        cases="\n".join(_case(verb) for verb in VERBS),
        verbs=" ".join([*VERBS, *_FIRST]),
    )
    return (_ZSH if shell == "zsh" else _BASH).format(names=" ".join(VERBS), words=words)


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
    lines = [f"complete -c liebian -n __liebian_at -a '{word}'" for word in (*VERBS, *_FIRST)]
    for verb in VERBS:
        lines.append(f"complete -c liebian -n '__liebian_at {verb}' -a '{' '.join(own_words(verb))}'")
    market = f"-n '__liebian_at {' '.join(MARKET)}'"
    lines.append(f"complete -c liebian {market} -a '{' '.join([*settings, *keys])}'")
    return _FISH.format(names=" ".join(VERBS)) + "\n".join(lines) + "\n"
