"""One router per domain: parse, call one service, shape."""
