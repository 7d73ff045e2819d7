"""The feature engine against DuckDB SQL and Featuretools: `python -m benchmarks.features`."""
