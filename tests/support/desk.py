"""What tests read at the desk around the map."""

from __future__ import annotations

from typing import Any

READY = "document.body.dataset.desk === 'ready'"
ROWS = "document.querySelectorAll('.dr-list .dr-row').length"
NAME = "(document.querySelector('#dr-panel-name') || {}).textContent"
TYPED = (
    "(() => { const box = document.querySelector('#dr-q'); box.focus(); box.value = 'YS';"
    " box.dispatchEvent(new Event('input')); })()"
)


def control(page: Any, key: str) -> None:  # noqa: ANN401
    """Press a key with Ctrl."""
    press = f"new KeyboardEvent('keydown', {{key: '{key}', ctrlKey: true, bubbles: true}})"
    page.run(f"document.body.dispatchEvent({press})")


def drawn(page: Any) -> dict[str, int]:  # noqa: ANN401
    parts = page.run("document.body.dataset.layers").split()
    return {name: int(count) for name, count in (part.rsplit(":", 1) for part in parts)}
