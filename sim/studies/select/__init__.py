"""Which of several strategies is best, with a stated probability of being right."""
