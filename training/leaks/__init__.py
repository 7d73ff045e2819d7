"""The leak scanner: which fields tell of an outcome before anyone could know it, and what the others are worth."""
