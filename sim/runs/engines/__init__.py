"""Engines: where the tasks of a comparison or sweep are worked off.

``serial`` makes one run after another. ``local`` and ``dask`` differ in what their workers are
and share the order of work (``walk.py``). ``slurm`` hands a stored manifest to job arrays, each
of whose tasks executes its share of it with one of the others.
"""
