"""Ground floor: clock, keyed randomness, parameters, records, ledger and errors; knows nothing of markets."""
