"""The table that says what numbers mean: sources of visits, purposes of spending, accounts."""

NAMES = {
    "what": ("U8", "source, spend or account"),
    "number": ("int8", "what stands in other tables"),
    "name": ("U40", "its name"),
    "role": ("U40", "source: organic, paid or owned; spend: its account; account: its place in the books"),
}
#: Money by purpose, on the day on which it accrues: of campaigns, and what is no campaign money: goods beside
#: their purchase, and income beside sales.
SPEND = {
    "day": ("int32", "absolute day"),
    "kind": ("int8", "Spend"),
    "fen": ("int64", "accrued on the day, fen"),
}
GOODS_COSTS = {**SPEND, "kind": ("int8", "purpose, numbered among those of spend; income is negative")}
