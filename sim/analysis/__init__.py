"""Statistics over stored results: differences, responses, targets, when to stop, which is best."""
