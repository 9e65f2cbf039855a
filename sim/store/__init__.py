"""Results on disk: written as whole files, checked, folded and read."""
