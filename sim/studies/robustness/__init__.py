"""Whether the sign of a difference between two strategies holds across the uncertain parameters.

A Latin hypercube over the plausible ranges of the uncertain parameters gives many short worlds
(``design``); both strategies branch from each, rewards made equal in expected cost (``arms``); a
``study`` plans, plays and stores the draws, and ``signs`` says how often each sign holds and which
parameters go with it.
"""
