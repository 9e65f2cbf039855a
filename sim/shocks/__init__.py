"""Exogenous events."""
