"""Sharing, influencers, incentives, fraud, trust and opinion."""
