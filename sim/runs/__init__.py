"""Runs: from words to a plan, from a plan to jobs, from jobs to results on any engine."""
