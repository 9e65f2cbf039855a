"""The brand's own groups and contacts: who is in them, and what they are sent."""
