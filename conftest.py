"""Root of every test run on the sources.

pytest finds fixtures beside the tests that use them. Those of the composed app are shared by
several folders, and under `--import-mode=importlib` such a module is found only when it is loaded
from here.
"""

pytest_plugins = ("tests.api.test_fixtures",)
