"""Sharing, affiliates, incentives, fraud, trust and opinion."""
