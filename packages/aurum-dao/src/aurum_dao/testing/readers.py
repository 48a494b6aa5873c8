"""What every warehouse's readers must do: subclass a suite and give it a store.

```
class TestDuckDbCurves(CurveReaderBehaviour):
    golden = Path(__file__).parent / "golden"

    def open_store(self): ...        # your warehouse, empty

    def open_plain_store(self): ...  # adapters.memory, which properties are judged by
```

Suites run their own event loop per test, so they need no plugin.
"""

from aurum_dao.testing.curve_reader import CurveReaderBehaviour
from aurum_dao.testing.curve_reader_pages import CurvePagesBehaviour
from aurum_dao.testing.lmp_reader import LmpReaderBehaviour
from aurum_dao.testing.metadata_reader import MetadataReaderBehaviour
from aurum_dao.testing.stores import ReaderStore, ReaderSuite, Tables

__all__ = [
    "CurvePagesBehaviour",
    "CurveReaderBehaviour",
    "LmpReaderBehaviour",
    "MetadataReaderBehaviour",
    "ReaderStore",
    "ReaderSuite",
    "Tables",
]
