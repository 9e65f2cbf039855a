"""Reduced rules of word of mouth in several frameworks, a file each: :mod:`benchmarks.frameworks` runs them.

A day, for everybody at once: parcels of yesterday's orders arrive, and trust moves towards what was found in
them; whoever was pleased tells each acquaintance with some chance; people visit, more of them if they were
told; visitors order, more of them the more they trust; trust drifts to neutral.

Every file takes the same people and acquaintances (:mod:`benchmarks.reduced.rules`) and draws in its own way,
so that days agree in law and not one by one. A file imports its framework and nothing of ``sim``, except the
one that is built as the market is; so it can run where only its framework is installed.
"""
