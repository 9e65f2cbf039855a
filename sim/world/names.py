"""The table that says what numbers mean: sources of visits, purposes of spending, accounts."""

NAMES = {
    "what": ("U8", "source, spend or account"),
    "number": ("int8", "what stands in other tables"),
    "name": ("U40", "its name"),
    "role": ("U40", "source: organic, paid or owned; spend: its account; account: its place in the books"),
}
