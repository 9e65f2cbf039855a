"""Which uncertainties move each figure, and whether they change which strategy is best.

A screening after Morris finds the parameters that matter at few points; indices after Sobol then
say how much of a figure's variance each of them explains. All points are run in the same worlds,
so that luck is told from effects by comparing worlds.
"""
