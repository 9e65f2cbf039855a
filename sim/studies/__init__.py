"""Questions that take many runs, a folder each: request, study, what is stored of it."""
