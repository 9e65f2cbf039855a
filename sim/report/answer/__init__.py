"""The two pages that answer a study: what to do, what it earns, and what that rests on."""
