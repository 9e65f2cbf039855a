"""Patterns that names in settings must match."""

from sim.core.language import mark

#: Names that become parts of file names: short, and nothing a path could hide in.
SAFE_NAME = r"^[a-z0-9_]{1,64}$"
#: Names of folders: anything that is not blank.
NOT_BLANK = r"\S"
#: What texts must be, in words, by the pattern that is declared for them.
IN_WORDS = {
    SAFE_NAME: mark("be 1 to 64 of a-z, 0-9 and _"),
    NOT_BLANK: mark("name a folder"),
    r"^\d{4}-\d{2}-\d{2}$": mark("be a date written as 2025-06-30"),
    r"^(\d{4}-\d{2}-\d{2})?$": mark("be a date written as 2025-06-30, or empty"),
    r"^[A-Za-z0-9_.\-]{0,100}$": mark("be at most 100 letters, digits, dots, _ and -"),
    r"^[A-Za-z0-9_.,\-]{0,200}$": mark("be at most 200 letters, digits, dots, commas, _ and -"),
    r"^[1-9][0-9]{0,5}[MG]$": mark("be a size such as 512M or 2G"),
    r"^(|([0-9]{1,3}-)?[0-9]{1,3}:[0-5][0-9]:[0-5][0-9])$": (
        mark("be a time such as 12:00:00 or 2-12:00:00, or empty")
    ),
    r"^(local|slurm|(tcp|tls|ws|wss)://[A-Za-z0-9_.\-]+:[0-9]{1,5})$": (
        mark("be local, slurm, or an address such as tcp://host:8786")
    ),
}
