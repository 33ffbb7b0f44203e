"""Exports through the API: what is in the file, what it is called, who gets it, and what the audit says of it."""

import csv
from io import StringIO

import pytest

from tests.integration.api.desk import Desk

CSV_TYPE = "text/csv; charset=utf-8"


@pytest.mark.rule("API-47")
async def test_a_list_comes_as_a_file_with_its_name(desk: Desk) -> None:
    """Its rows in list order without the trash, under the list's name and the day; nothing keeps it on the way."""
    one, two, three = await desk.add({"Address": "1 Quay"}, {"Address": "=2+2"}, {"Address": "3 Quay", "Price": 12.5})
    assert (await desk.call("DELETE", f"/records/{one['id']}"))[0] == 204
    answer = await desk.person("GET", f"/api/lists/{desk.made['id']}/export", params={"format": "csv"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, CSV_TYPE)
    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert rows[0] == list(desk.columns)
    assert [row[:2] for row in rows[1:]] == [["'=2+2", ""], ["3 Quay", "12.5"]]
    assert two["created_at"] == rows[1][-1] or three["id"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith('attachment; filename="Properties 20')
