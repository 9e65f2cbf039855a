"""Indicators counted from events, targets and the scorecard."""
