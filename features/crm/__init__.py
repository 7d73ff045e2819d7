"""The CRM history: its tables, how it gets in, and where it is kept."""
