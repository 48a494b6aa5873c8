"""Who asks. Mode `none` only: everyone is the principal with every role."""

from aurum_app.middleware.stage import Stage


class Authentication(Stage):
    """Sets the principal of the call; in mode `none` it is the one that a call begins with."""
