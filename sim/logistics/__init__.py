"""Logistics: stock, waves, trucks, riders, cold chain and returns; the only user of SimPy."""
