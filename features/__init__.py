"""CRM history -> numbers known at an instant. Imports nothing else of ours."""
