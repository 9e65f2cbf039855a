"""What the market brings forth of the plan's figures, beside what the plan states."""
