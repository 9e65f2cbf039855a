"""Fitting free intercepts to figures that the plan gives: what is fitted, how, and how it held."""
