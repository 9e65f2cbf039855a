"""The board: a page in the browser to plan on, run, and compare, by Streamlit on this machine alone.

Every run is a command that could have been typed, in a process of its own; the page shows the command.
"""
