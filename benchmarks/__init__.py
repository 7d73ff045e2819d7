"""Speed side by side with what a user would pick instead: each package a command, docs/benchmarks.md their page."""
