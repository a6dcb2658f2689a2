"""A network in PostGIS: written to a real server and read back, nothing lost.

The server is started by the script of the CI, which says where in DRAINAGE_TEST_PG; elsewhere these tests are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pandas as pd
import pytest

import drainage as dr
from drainage.formats.postgis import write_tables
from tests.networks import build, days

URL = os.environ.get("DRAINAGE_TEST_PG", "")
needs_server = pytest.mark.skipif(not URL, reason="no PostGIS server: DRAINAGE_TEST_PG is not set")


@pytest.fixture
def schema() -> Iterator[str]:
    """Give a schema of its own to each test, as part of the URL."""
    from uuid import uuid4

    from sqlalchemy import create_engine, text
    from sqlalchemy.pool import NullPool

    name = f"test_{uuid4().hex}"
    engine = create_engine(URL, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield f"{URL}?schema={name}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


def row() -> dr.DrainageNetwork:
    net = build(
        ["a>b storm 300", "b>c storm 600", "d>b sewage 300"],
        places={name: (551000.0 + 50 * i, 3712000.0) for i, name in enumerate("abcd")},
        road=["磬山路", "磬山路", "杨河路"],
        commissioned=days("2001-05-04", "2010-01-01", ""),
        invert_from_m=[20.0, 19.8, float("nan")],
    )
    return net.replace(
        pipes=net.pipes.assign(巡查员=pd.Series(["王", "李", None], net.pipes.index), inspections=[1, 2, 3])
    )


@needs_server
def test_what_is_written_is_read_back(schema: str) -> None:
    net = row()
    dr.write_network(net, schema)
    again = dr.read_network(schema)
    kept = ["system", "from_node", "to_node", "diameter_mm", "road", "commissioned", "invert_from_m", "巡查员"]
    pd.testing.assert_frame_equal(
        pd.DataFrame(again.pipes[kept]).astype(object), pd.DataFrame(net.pipes[kept]).astype(object), check_dtype=False
    )
    assert again.pipes["inspections"].tolist() == [1, 2, 3]
    assert again.pipes.geometry.geom_equals_exact(net.pipes.geometry, 1e-9).all()
    assert again.crs == net.crs
    assert list(again.nodes.index) == list(net.nodes.index)
    assert dr.find_mixed_flow(again).summary["misconnections"] == 1


@needs_server
def test_tables_are_replaced_on_request_only(schema: str) -> None:
    write_tables(row(), schema)
    with pytest.raises(dr.FormatError, match="nodes, pipes already"):
        write_tables(row(), schema)
    write_tables(row().of_system("storm"), schema, force=True)
    assert len(dr.read_network(schema).pipes) == 2


@needs_server
def test_an_empty_schema_says_what_it_lacks(schema: str) -> None:
    with pytest.raises(dr.FormatError, match="no table 'pipes'"):
        dr.read_network(schema)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(dr.FormatError, match=r"127\.0\.0\.1:9/city: does not answer") as caught:
        dr.read_network("postgresql://me:secret@127.0.0.1:9/city")
    assert "secret" not in str(caught.value)
