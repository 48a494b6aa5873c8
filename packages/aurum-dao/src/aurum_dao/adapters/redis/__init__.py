"""Redis: the shared cache, rate limits and invalidations. Redis 7 or newer, or Valkey."""
