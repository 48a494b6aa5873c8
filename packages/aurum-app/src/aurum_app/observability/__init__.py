"""What the app says about itself: metrics, the access log, spans."""
