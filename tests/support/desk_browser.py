"""People at the desk in a real browser: signing in, choosing files, tabbing from one thing to the next."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.support.browser import Browser, Page

AXE: Final = Path(__file__).parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
#: What has the focus, as a reader hears it.
FOCUSED: Final = (
    "(() => { const one = document.activeElement; const label = one.labels && one.labels[0];"
    " return [one.tagName, (one.getAttribute('aria-label') || (label && label.textContent) || one.textContent || '')"
    ".trim().slice(0, 80)].join(' '); })()"
)
_TAB: Final = 9
_ENTER: Final = 13
_MOST_TABS: Final = 120


@contextmanager
def signed_in(
    chromium: Browser,
    port: int,
    key: str,
    to: str = "/desk",
    *,
    width: int = 390,
    height: int = 844,
    dark: bool = False,
) -> Iterator[Page]:
    """Open a page of the server as somebody who signs in first, and whose cookies are gone afterwards."""
    place = f"http://127.0.0.1:{port}"
    with chromium.open(f"{place}/health", width=width, height=height) as page:
        page.send("Network.setExtraHTTPHeaders", headers={"Accept-Language": "zh-CN"})
        go(page, f"{place}/login?next=/desk")
        if dark:
            page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        page.run(f"document.querySelector('#key').value = {json.dumps(key)}")
        page.run("document.querySelector('#key').focus()")
        page.press("Enter", _ENTER)
        page.wait("location.pathname === '/desk' && document.readyState === 'complete'")
        page.complaints.clear()
        if to != "/desk":
            go(page, f"{place}{to}")
        try:
            yield page
        finally:
            page.send("Network.clearBrowserCookies")


def go(page: Page, address: str) -> None:
    """Go to an address and wait until it is there."""
    page.run("window.left = true")
    page.send("Page.navigate", url=address)
    page.wait("!window.left && document.readyState === 'complete'")


def tab_to(page: Page, what: str, *, back: bool = False) -> None:
    """Go on with the tabulator until something has the focus, by the beginning of what a reader hears of it."""
    for _ in range(_MOST_TABS):
        named: dict[str, Any] = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": _TAB}
        for kind in ("keyDown", "keyUp"):
            page.send("Input.dispatchKeyEvent", type=kind, **named, **({"modifiers": 8} if back else {}))
        if str(page.run(FOCUSED)).partition(" ")[2].startswith(what):
            return
    raise AssertionError(f"no way by keyboard to {what}; the focus is on {page.run(FOCUSED)}")


def enter(page: Page) -> None:
    """Press the key that does what the focus is on."""
    page.press("Enter", _ENTER)


def choose_file(page: Page, file: Path) -> None:
    """Choose a file in the field, as a person does in the dialog."""
    page.send("DOM.enable")
    root = page.send("DOM.getDocument")["root"]["nodeId"]
    node = page.send("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    page.send("DOM.setFileInputFiles", nodeId=node, files=[str(file)])


def open_chooser(page: Page, file: Path) -> None:
    """Open the dialog of the field that has the focus by a key, and choose a file there."""
    page.send("Page.setInterceptFileChooserDialog", enabled=True)
    enter(page)
    page.wait("true")
    [field] = page.choosers
    page.send("DOM.setFileInputFiles", backendNodeId=field, files=[str(file)])


def drag_file(page: Page, file: Path, selector: str = "[data-drop]") -> None:
    """Drag a file from elsewhere onto an element and let it go."""
    x, y = page.run(
        f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
        " found.scrollIntoView({block: 'center'}); const box = found.getBoundingClientRect();"
        " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
    )
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        page.send("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)


def violations(page: Page) -> list[dict[str, Any]]:
    """Return what axe-core finds on the page as it is now."""
    page.run(f"{AXE.read_text(encoding='utf-8')}; true")
    found: list[dict[str, Any]] = page.run(
        "axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations.map((one) =>"
        " ({id: one.id, where: one.nodes.map((node) => node.html.slice(0, 160)), why: one.nodes[0].failureSummary})))"
    )
    return found
