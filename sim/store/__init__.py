"""Results on disk: written as whole files, checked, folded and read."""

from sim.core.deferred import defer

# A worker files runs; it neither queries them nor makes frames of them.
defer("duckdb", "pandas")
