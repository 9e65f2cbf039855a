"""A user's own files: templates, checks line by line, and what they become in a market."""
