"""Patterns that names in settings must match."""

#: Names that become parts of file names: short, and nothing a path could hide in.
SAFE_NAME = r"^[a-z0-9_]{1,64}$"
#: Names of folders: anything that is not blank.
NOT_BLANK = r"\S"
