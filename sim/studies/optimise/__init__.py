"""Searches over strategies: which is best, and which of the things that nobody knows decide it."""
