"""The report of a sweep: which levers move what, which configuration is best, and how sure that is."""
