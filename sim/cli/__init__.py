"""The command line: ``liebian VERB ...``, where whatever holds an equals sign is a setting."""

from sim.cli.entry import main, version
from sim.cli.verbs import DONE, FAILED, INTERRUPTED, VERBS, WRONG_INPUT

__all__ = ["DONE", "FAILED", "INTERRUPTED", "VERBS", "WRONG_INPUT", "main", "version"]
