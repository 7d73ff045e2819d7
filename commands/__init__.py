"""The commands of `plumbline`: each parses, calls one room, and shows what came back. May import every room, lazily."""
