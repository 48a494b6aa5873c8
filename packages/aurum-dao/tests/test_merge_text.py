"""The statements of a load are Trino's SQL, too."""

import pytest

from aurum_dao.schemas.catalogue import DATASETS
from aurum_dao.schemas.reference import REFERENCE_TABLES
from aurum_dao.warehouse.merge import count_text, insert_absent_text, merge_text, upsert_text

FACT_TEXTS = [
    text
    for dataset in DATASETS.values()
    for text in (merge_text(dataset, stage="stage.load_7"), count_text(dataset))
]
REFERENCE_TEXTS = [
    text
    for table in REFERENCE_TABLES.values()
    for text in (
        upsert_text(table, stage="stage.load_7"),
        upsert_text(table, stage="stage.load_7", keep_known=True),
        insert_absent_text(table, stage="stage.load_7", on=table.key),
    )
]


@pytest.mark.parametrize("text", FACT_TEXTS + REFERENCE_TEXTS)
def test_statement_is_valid_trino(text):
    validator = pytest.importorskip("trino_sql_validator", reason="the group `grammar` is absent")
    result = validator.validate(text)
    assert result.valid, result.error
    assert not result.unknown_functions
    assert not result.unknown_types


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=lambda d: d.name)
def test_merge_binds_every_value(dataset):
    assert merge_text(dataset, stage="s").count("?") == 5
    assert count_text(dataset).count("?") == 3
