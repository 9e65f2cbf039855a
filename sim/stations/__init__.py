"""Stations: where parcels and people's work wait for servers, for logistics and for teams alike."""
