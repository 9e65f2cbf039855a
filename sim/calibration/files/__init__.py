"""A user's tables: bytes to text, text to cells, cells to numbers and days; all that is wrong in one line."""
