"""The operator's hand: money, channel mix and the watch over how things go."""
