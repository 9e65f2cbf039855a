"""The network of acquaintances: read from a file or drawn, kept as rows of neighbours, walked by cascades."""
