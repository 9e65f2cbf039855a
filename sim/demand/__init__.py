"""Needs, media, feeds, touches and the visits they lead to."""
