"""Reports from stored results: tables, figures, one HTML file."""
