"""Plots for notebooks and scripts: Matplotlib axes that say in their titles what they show.

``market.plot()`` and ``results.plot.fan()`` reach this package by its name, when they are called: no command
and no run loads it.
"""
