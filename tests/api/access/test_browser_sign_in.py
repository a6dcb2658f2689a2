"""Signing in as a person does it: a real browser, its cookies, and what it says of where a form comes from."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from drainage_api.main import create_app
from drainage_api.settings import Settings
from tests.support.api_reports import hand_made
from tests.support.browser import Browser
from tests.support.running import in_thread

pytestmark = pytest.mark.long


def test_a_person_signs_in_goes_where_he_wanted_and_signs_out(chromium: Browser, tmp_path: Path) -> None:
    app = create_app(Settings(store=tmp_path / "store"), report=hand_made())
    vault = app.state.keeper.vault
    _, text = vault.keys.add("Wang", "engineer")
    items = "/collections/pipes/items?f=html"
    with in_thread(app) as (port, _), chromium.open(f"http://127.0.0.1:{port}/login?lang=en&next={items}") as page:
        page.wait("document.querySelector('#key')")
        page.run("document.querySelector('#key').focus()")
        page.type(text[:-1])
        page.press("Enter", 13)
        page.wait("document.querySelector('[role=alert]')")
        assert "no key of this server" in page.run("document.body.innerText")
        page.run("document.querySelector('#key').focus()")
        page.type(text)
        page.press("Enter", 13)
        page.wait("location.pathname === '/collections/pipes/items'")
        page.wait("document.body && document.body.innerText.includes('Wang')")
        assert page.run("document.cookie") == ""
        page.send("Page.navigate", url=f"http://127.0.0.1:{port}/login?lang=en")
        page.wait("document.querySelector('form[action^=logout] button')")
        page.click("form[action^=logout] button")
        page.wait("location.pathname === '/login' && document.querySelector('#key')")
        page.send("Page.navigate", url=f"http://127.0.0.1:{port}{items}")
        page.wait("document.body && document.body.innerText.includes('401')")
        hosts = {urlsplit(one).netloc for one in page.requests if not one.startswith("data:")}
        assert hosts == {f"127.0.0.1:{port}"}
    app.state.keeper.close()
