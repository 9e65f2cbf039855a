"""Tasks that simulate nothing: they leave a file, fail, fill the disk or die, as they are told."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from sim.config import Config
from sim.core.errors import RunError, StoreError
from sim.runs.task import Task
from sim.store.store import Store


@dataclass(frozen=True)
class Piece(Task):
    """One piece of work; ``does`` says how it ends."""

    kind: ClassVar[str] = "pieces"
    key: str
    folder: Path
    does: str = "leaves"
    world: str = "shared"

    @property
    def configs(self) -> tuple[Config, ...]:
        return ()

    @property
    def experiment(self) -> str:
        return "pieces"

    @property
    def scenario(self) -> str:
        return "made_up"

    def prepare(self) -> None:
        (self.folder / f"prepared_{self.world}").touch()

    def is_done(self, store: Store) -> bool:
        return (self.folder / self.key).exists()

    def make(self, store: Store) -> str | None:
        if self.does == "fails":
            raise RunError("parcels do not balance")
        if self.does == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
        (self.folder / self.key).touch()
        if self.does == "fills up":
            raise StoreError("paths.results: no space left")
        return self.key

    def with_absolute_folders(self) -> Self:
        return self

    @classmethod
    def write_batch(cls, tasks: Sequence[Self], store: Store) -> str:
        raise RunError("made up")
