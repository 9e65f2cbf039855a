"""Prices, carts, orders, fulfilment of the promise and membership."""
