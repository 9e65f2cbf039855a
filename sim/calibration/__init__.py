"""Fitting a market to a user's own files: read, count alike on both sides, search, judge, hand on draws.

``files`` read and refuse; ``statistics`` count the same named figures on a real file and on simulated
tables; ``space``, ``emulators``, ``matching`` and ``posterior`` find which values of the free parameters
are compatible with them; ``study`` puts these together and ``tasks`` plays the worlds on any engine.
"""
