"""What would turn a recommendation round: one uncertainty at a time, from the worlds of the comparison."""
