"""Review of what goes out: what the rules let through, and what a breach costs."""
