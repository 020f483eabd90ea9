"""The queries that operators are given are queries the server takes, and the same in both languages."""

import pytest
from temporalio.client import Client

from tests.docs.pages import page, rows, section, spans

PAGES = {"docs/operating.md": ("What to look at", "question"), "docs/operating.zh-CN.md": ("平时看什么", "想知道")}


def queries(name: str) -> list[str]:
    heading, first = PAGES[name]
    return [spans(row[1])[0] for row in rows(section(page(name), heading), first)]


def test_both_languages_give_the_same_queries() -> None:
    first, second = map(queries, PAGES)
    assert first == second


@pytest.mark.server
async def test_the_server_takes_every_query(apart: Client) -> None:
    for query in queries("docs/operating.md"):
        assert (await apart.count_workflows(query)).count == 0, query
