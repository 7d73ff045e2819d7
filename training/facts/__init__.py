"""The figures of the report as frozen dataclasses, in no language and without a page: `training.report` prints them."""
