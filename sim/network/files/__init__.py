"""Files that hold a network: which format it is, by evidence, and what it says.

What is read is what the file says, or nothing: a format that is not read is refused by its
name, with the way to one that is.
"""
