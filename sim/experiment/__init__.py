"""Runs, replications, comparisons and the results store."""
