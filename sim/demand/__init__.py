"""Needs, media, feeds and the visits and choices they lead to."""
