"""HTTP, batch scoring and pages. May import `features` and `models`, never `training`."""
