"""Files in the shape of those that people bring, each with what is found in it."""

from pathlib import Path
from typing import Any

import pytest

from snapshots.column_types import ColumnType
from snapshots.columns import Column, Option
from snapshots.importing.converting import BadCell, Converter, JudgedRow, Target
from snapshots.importing.guessing import Doubt, Proposal, propose
from snapshots.importing.opening import open_table
from snapshots.importing.sampling import take_sample
from snapshots.importing.tables import Choices, Table
from snapshots.reading import DateOrder, Reading

SAMPLES = Path(__file__).parents[3] / "samples"


def opened(name: str, **choices: Any) -> Table:
    """A sample's table."""
    return open_table(SAMPLES / name, Choices(**choices))


def proposals(table: Table) -> dict[str, Proposal]:
    """What the columns of a table seem to be, by name."""
    return {found.name: found for found in propose(take_sample(table), comma_likely=table.found.delimiter == ";")}


def types(table: Table) -> dict[str, str]:
    """The proposed type of every column, with what is chosen about dates and decimals."""
    said = {}
    for name, found in proposals(table).items():
        comma = " comma" if found.reading.decimal_comma else ""
        order = f" {found.reading.date_order}" if found.reading.date_order else ""
        said[name] = f"{found.type}{comma}{order}"
    return said


def target(place: int, found: Proposal) -> Target:
    """The column that a proposal asks for; an option's id is made of its number."""
    options = {f"option-{n:05}": Option(f"option-{n:05}", label) for n, label in enumerate(found.labels)}
    column = Column(f"column-{place:05}", found.name, found.type, config=found.config, options=options)
    return Target(place, column, found.reading)


def judged(table: Table) -> tuple[list[JudgedRow], list[BadCell]]:
    """Every row as the proposals read it, and the whole report."""
    targets = [target(place, found) for place, found in enumerate(proposals(table).values())]
    converter = Converter(targets, table.columns, frozenset())
    rows = [converter.judge(raw) for raw in table.rows()]
    return rows, [bad for row in rows for bad in row.bad]


@pytest.mark.rule("DATA-2", "DATA-5")
@pytest.mark.parametrize(
    ("name", "encoding", "delimiter", "expected"),
    [
        (
            *("parcels.csv", "utf-8", ","),
            {
                "APN": "text",
                "SITUS_ZIP": "text",
                "OWNER": "text",
                "LAND_VALUE": "number",
                "IMPR_VALUE": "number",
                "YEAR_BUILT": "number",
                "SALE_DATE": "date year_first",
                "EXEMPT": "checkbox",
                "USE_CODE": "select",
                "LEGAL": "long_text",
            },
        ),
        (
            *("listings.csv", "utf-8-sig", ","),
            {
                "MLS #": "text",
                "List Price": "currency",
                "List Date": "date",
                "Status": "select",
                "Beds": "number",
                "Commission": "percent",
                "Agent Email": "email",
                "Agent Phone": "phone",
                "Tour": "url",
                "Open House": "datetime month_first",
                "Features": "multi_select",
            },
        ),
        (
            *("objekte.csv", "cp1252", ";"),
            {
                "Objekt": "text",
                "Straße": "text",
                "Kaufpreis": "currency comma",
                "Wohnfläche": "number comma",
                "Übergabe": "date day_first",
                "Vermietet": "checkbox",
                "Provision": "percent comma",
            },
        ),
        (
            *("logements.csv", "iso8859_15", ";"),
            {
                "Adresse": "text",
                "Prix": "currency",
                "Charges": "number comma",
                "Année": "number",
                "Disponible": "date day_first",
            },
        ),
        ("mac.csv", "mac_roman", ";", {"Street": "text", "Owner": "text", "Note": "text"}),
        ("najem.csv", "cp1250", ";", {"Ulica": "text", "Właściciel": "text", "Czynsz": "currency comma"}),
        ("contacts.txt", "utf-16", "\t", {"Name": "text", "City": "text", "Since": "date"}),
        (
            *("dates.csv", "utf-8", "|"),
            {
                "US": "date month_first",
                "World": "date day_first",
                "Sorted": "date",
                "Either": "date",
                "Compact date": "date year_first",
                "Named": "date month_first",
                "Stamp": "datetime",
            },
        ),
        ("one-column.csv", "utf-8", ",", {"Street": "text"}),
        ("no-header.csv", "utf-8", ",", {"Column 1": "number", "Column 2": "text", "Column 3": "number"}),
        ("stray.csv", "utf-8", ",", {"Owner": "text", "Note": "select"}),
        (
            *("rent-roll.xlsx", None, None),
            {
                "Unit": "text",
                "Zip": "text",
                "Rent": "number",
                "Yearly": "number",
                "Share": "percent",
                "Lease ends": "date",
                "Paid at": "datetime",
                "Contact": "text",
                "Column 9": "email",
            },
        ),
        ("mac-1904.xlsx", None, None, {"Tenant": "text", "Begins": "date", "Rooms": "number"}),
        (
            *("leads.json", "utf-8", None),
            {
                "name": "text",
                "budget": "number",
                "hot": "checkbox",
                "tags": "multi_select",
                "home": "text",
                "at": "date",
            },
        ),
    ],
)
def test_encoding_delimiter_and_types_are_found(
    name: str, encoding: str | None, delimiter: str | None, expected: dict[str, str]
) -> None:
    """What a person would have to say about the file is proposed as they would say it."""
    table = opened(name)
    assert (table.found.encoding, table.found.delimiter) == (encoding, delimiter)
    assert types(table) == expected


@pytest.mark.rule("DATA-6")
@pytest.mark.parametrize(
    ("name", "first", "reported"),
    [
        (
            "parcels.csv",
            *(
                [
                    *("0123-045-678", "02134", "HARBOR HOLDINGS, LLC", 250_000, 412_500.5, 1998, "2019-03-15", False),
                    *("option-00000", 'LOT 5\nBLK 2 "OAK PARK"'),
                ],
                [],
            ),
        ),
        ("objekte.csv", ["H-1", "Müllerstraße 5", 1_250_000, 184.5, "2026-03-15", True, 0.0357], []),
        ("logements.csv", ["12 rue de l'Église", 350_000, 1250.5, 1998, "2026-01-31"], []),
        ("mac.csv", ["Calle Niño 5", "Señor Muñoz", "“quiet” – it’s sunny"], []),
        ("najem.csv", ["Żółta 5", "Łukasz Świątek", 2500], []),
        ("contacts.txt", ["José", "東京", "2020-05-01"], []),
        ("one-column.csv", ["Oak Lane 1"], []),
        (
            "rent-roll.xlsx",
            [
                *("1A", "02134", 1200.5, 14_406, 0.25, "2026-12-31", "2026-01-02T09:30:00Z", "Ana", "ana@example.com"),
            ],
            [],
        ),
        ("mac-1904.xlsx", ["Ana", "2020-02-29", 3], []),
        (
            "leads.json",
            [
                *("Ana", 350_000, True, ["option-00000", "option-00001"]),
                '{"city": "Oslo", "zip": "0150"}',
                "2026-01-31",
            ],
            [],
        ),
        ("no-header.csv", [1, "Oak Lane", 98101], []),
        ("stray.csv", ["José 0", "option-00000"], [(42, "Owner", "M?ller")]),
        (
            "listings.csv",
            [
                *("A1001", 1_250_000, None, "option-00000", 4, 0.025, "ana@example.com", "+12065550142"),
                *("https://example.com/1", "2026-01-17T13:00:00Z", ["option-00001", "option-00000"]),
            ],
            [
                *((row, "List Date", f"{2 * row - 3:02}/{2 * row - 2:02}/2026") for row in range(2, 7)),
                *((7, "List Price", "TBD"), (7, "List Date", "11/12/2026")),
            ],
        ),
    ],
)
def test_rows_become_values_and_the_rest_a_report(name: str, first: list[Any], reported: list[Any]) -> None:
    """The first row's values, and every cell of the file that was not taken, with its row as a spreadsheet counts it."""
    rows, report = judged(opened(name))
    assert rows[0].values == first
    assert [(bad.row, bad.name, bad.value) for bad in report] == reported
    assert all(bad.sentence.endswith(".") for bad in report)


@pytest.mark.rule("DATA-5")
def test_a_date_that_could_be_swapped_everywhere_is_the_persons_to_choose() -> None:
    """The doubt is told, nothing converts silently, and with an order everything does."""
    table = opened("listings.csv")
    found = proposals(table)["List Date"]
    assert found.doubts == {Doubt.DATE_ORDER}
    assert (found.filled, found.unread, found.examples[0]) == (6, 6, "01/02/2026")
    column = Column("column-00001", "Listed", ColumnType.DATE)
    for order, date in ((DateOrder.MONTH_FIRST, "2026-01-02"), (DateOrder.DAY_FIRST, "2026-02-01")):
        converter = Converter([Target(2, column, Reading(date_order=order))], table.columns, frozenset())
        rows = [converter.judge(raw) for raw in table.rows()]
        assert rows[0].values == [date]
        assert not any(row.bad for row in rows)


@pytest.mark.rule("DATA-3", "DATA-6")
def test_titles_repeated_names_and_ragged_rows() -> None:
    """The row of names is found below a title, each name is made distinct and said so, no cell is lost."""
    table = opened("ragged.csv")
    assert table.found.header_row == 3
    assert table.columns[:6] == ["Unit", "Tenant", "Rent", "Tenant (2)", "Column 5", "Rent (2)"]
    assert len(table.notes) == 5
    assert [number for number, _ in table.rows()] == [4, 5, 6, 8]
    assert list(table.rows())[1] == (5, ["1B", "Cy", None, None, None, None, None, None])


@pytest.mark.rule("DATA-2")
def test_what_was_found_can_be_overruled() -> None:
    """Encoding, delimiter and the row of names are taken as chosen; what was found says the same again."""
    table = opened("ragged.csv", encoding="latin-1", delimiter=";", header_row=1)
    assert table.columns == ["Report of tenants,,,"]
    assert (table.found.encoding, table.found.delimiter, table.found.header_row) == ("iso8859-1", ";", 1)
    assert opened("no-header.csv", header_row=1).columns == ["1", "Oak Lane", "98101"]
    again = open_table(SAMPLES / "objekte.csv", opened("objekte.csv").found)
    assert list(again.rows()) == list(opened("objekte.csv").rows())
