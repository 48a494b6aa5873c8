"""Files of publishers to canonical Arrow, one module per format, and the one call that loads them.

```
summary = load_file(writer, "ercot-dam-spp", Path("DAMLZHBSPP_2021.xlsx"))
```
"""

from aurum_dao.loaders.formats import FORMATS, Format, find_format
from aurum_dao.loaders.load import Progress, load_file
from aurum_dao.loaders.options import ReadOptions

__all__ = ["FORMATS", "Format", "Progress", "ReadOptions", "find_format", "load_file"]
