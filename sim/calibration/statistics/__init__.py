"""Named statistics: each a function of what is known, whichever side it comes from."""
