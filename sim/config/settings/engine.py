"""Where runs execute; never changes a result."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from sim.core.language import tr
from sim.core.params import Params, constant

#: Settings that are read only where Slurm gives out the machines.
_OF_SLURM = ("partition", "account", "cpus", "memory", "walltime")


class EngineParams(Params):
    """Where runs execute; never changes a result."""

    kind: Literal["serial", "local", "dask", "slurm"] = constant("local", "engine", "definition")
    """``serial`` makes one run after another in this process, ``local`` uses worker processes of this
    machine, ``dask`` workers of a Dask cluster, ``slurm`` job arrays that need nobody to wait for them."""

    workers: int = constant(0, "processes", "definition", ge=0, le=1024)
    """Worker processes (local, dask) or array tasks (slurm); 0 means one for each processor that this
    process may use, for each worker of a Dask cluster that is joined, or for each world (slurm)."""

    cluster: str = constant(
        "local",
        "cluster",
        "definition",
        pattern=r"^(local|slurm|(tcp|tls|ws|wss)://[A-Za-z0-9_.\-]+:[0-9]{1,5})$",
    )
    """Dask only: ``local`` starts workers on this machine, ``slurm`` asks Slurm for them, and an address
    such as ``tcp://host:8786`` joins a cluster that is there."""

    partition: str = constant("", "name", "definition", pattern=r"^[A-Za-z0-9_.,\-]{0,200}$")
    """Slurm partition; empty for the cluster's default."""

    account: str = constant("", "name", "definition", pattern=r"^[A-Za-z0-9_.\-]{0,100}$")
    """Slurm account that is charged; empty for the user's default."""

    cpus: int = constant(1, "processors", "definition", ge=1, le=1024)
    """Processors of each array task (slurm) or job of workers (dask); one worker process on each."""

    memory: str = constant("2G", "size", "A-710", pattern=r"^[1-9][0-9]{0,5}[MG]$")
    """Memory of each array task or job of workers; a market of a million consumers takes about 1 GB, a
    worker process 0.4 GB before it holds one."""

    walltime: str = constant(
        "", "time", "definition", pattern=r"^(|([0-9]{1,3}-)?[0-9]{1,3}:[0-5][0-9]:[0-5][0-9])$"
    )
    """Time limit of each array task or job of workers, as 12:00:00 or 2-00:00:00; empty for the
    partition's."""

    wait: bool = constant(True, "yes or no", "definition")
    """Slurm arrays only: show progress until they have ended, or return when they are submitted."""

    @model_validator(mode="after")
    def _read_by_this_engine(self) -> EngineParams:
        of_slurm = self.kind == "slurm" or (self.kind == "dask" and self.cluster == "slurm")
        fields = type(self).model_fields
        idle = [] if of_slurm else [name for name in _OF_SLURM if getattr(self, name) != fields[name].default]
        idle += ["cluster"] if self.kind != "dask" and self.cluster != "local" else []
        idle += ["wait"] if self.kind != "slurm" and not self.wait else []
        if idle:
            key, where = idle[0], "engine=dask" if idle[0] == "cluster" else "engine=slurm"
            raise ValueError(
                tr(
                    "engine.{key} is not read by this engine (you wrote {getattr} with {kind}); leave it "
                    "out, or set {where}",
                    key=key,
                    getattr=getattr(self, key),
                    kind=self.kind,
                    where=where,
                )
            )
        if self.kind == "dask" and of_slurm and not self.workers:
            raise ValueError(
                tr(
                    "engine.workers must say how many workers Slurm is asked for (you wrote 0); set "
                    "engine.workers=8, for instance"
                )
            )
        return self
