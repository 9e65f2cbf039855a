"""From which day the series of a cold start are at rest."""
