"""A Chromium without network, spoken to over a pipe: what a page asked for, what it complained about, what it shows."""

from __future__ import annotations

import base64
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # root has no sandbox; the pages are ours
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
    "--proxy-server=127.0.0.1:9",  # nobody listens there
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # where tests give out a folder
    "--remote-debugging-pipe",
)
_PATIENCE_S = 20.0


class BrowserError(Exception):
    """The browser did not answer, or a script that a test ran in the page failed."""


@dataclass
class Browser:
    """A running Chromium; `open` gives its pages."""

    process: subprocess.Popen[bytes]
    to_browser: int
    from_browser: int
    pages: dict[str, Page] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _rest: bytes = b""

    @contextmanager
    def open(self, html: Path | str, *, width: int = 1280, height: int = 800, scale: float = 1) -> Iterator[Page]:
        """Open a file, or an address of this machine, in a page of its own; close it in the end."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.send(f"{domain}.enable")
        phone = width < 700
        size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone}
        page.send("Emulation.setDeviceMetricsOverride", **size)
        page.send("Emulation.setTouchEmulationEnabled", enabled=phone)
        address = html if isinstance(html, str) else html.resolve().as_uri()
        page.send("Page.navigate", url=address)
        page.wait("document.readyState === 'complete' && location.protocol !== 'about:'")
        try:
            yield page
        finally:
            self.send("Target.closeTarget", targetId=target)
            del self.pages[session]

    def send(self, method: str, session: str | None = None, **params: object) -> dict[str, Any]:
        """Send a command of the Chrome DevTools Protocol and return its result; events go to their pages."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']}")
                result: dict[str, Any] = answer["result"]
                return result
            if page := self.pages.get(answer.get("sessionId", "")):
                page.hear(answer)

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if not select.select([self.from_browser], [], [], _PATIENCE_S)[0]:
                raise BrowserError(f"no answer within {_PATIENCE_S:g} s")
            chunk = os.read(self.from_browser, 1 << 20)
            if not chunk:
                raise BrowserError("the browser has ended")
            self._rest += chunk
        text, self._rest = self._rest.split(b"\0", 1)
        answer: dict[str, Any] = json.loads(text)
        return answer


@dataclass
class Page:
    """One page: run scripts in it, click, type, look, and read what it loaded and complained about."""

    browser: Browser
    session: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    choosers: list[int] = field(
        default_factory=list
    )  # fields whose dialog of files was opened, where it is intercepted

    def send(self, method: str, **params: object) -> dict[str, Any]:
        """Send a command about this page."""
        return self.browser.send(method, self.session, **params)

    def run(self, script: str) -> Any:  # noqa: ANN401 - whatever the script gives
        """Return the value of an expression in the page; the page's own content policy stays in force."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait(self, condition: str, *, seconds: float = _PATIENCE_S) -> None:
        """Wait until an expression is true; a page that is just leaving for another is asked again."""
        end = time.monotonic() + seconds
        while not self._holds(condition):
            if time.monotonic() > end:
                raise BrowserError(f"not within {seconds:g} s: {condition}")
            select.select([], [], [], 0.02)

    def _holds(self, condition: str) -> bool:
        try:
            return bool(self.run(f"Boolean({condition})"))
        except BrowserError as error:
            if "navigated or closed" in str(error):
                return False
            raise

    def click(self, selector: str) -> None:
        """Click in the middle of an element as a mouse does: whatever lies above it gets the click."""
        x, y = self.run(
            f"(() => {{ const found = document.querySelector({json.dumps(selector)});"
            " found.scrollIntoView({block: 'nearest'}); const box = found.getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        self.click_at(x, y)

    def click_at(self, x: float, y: float) -> None:
        """Click at a place of the window, in CSS pixels."""
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            button = "none" if kind == "mouseMoved" else "left"
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button=button, clickCount=1)

    def type(self, text: str) -> None:
        """Type into whatever has the focus."""
        self.send("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press a key, by its name and its virtual key code."""
        extra = {"text": "\r"} if key == "Enter" else {}
        named = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.send("Input.dispatchKeyEvent", type="keyDown", **named, **extra)
        self.send("Input.dispatchKeyEvent", type="keyUp", **named)

    def pixels(self, color: str) -> int:
        """Count the pixels of about this colour on the map."""
        return len(self._places(color))

    def middle(self, color: str) -> tuple[float, float]:
        """Return the middle of all pixels of about this colour, in CSS pixels of the window."""
        places = self._places(color)
        return sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places)

    def _places(self, color: str) -> list[tuple[float, float]]:
        rgb = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
        # from a copy: Chromium warns about a canvas that is drawn on and read in turn
        found: list[tuple[float, float]] = self.run(
            "(() => { const all = [...document.querySelectorAll('.leaflet-overlay-pane canvas')].slice(0, 2);"
            " const c = all[0], b = c.getBoundingClientRect();"
            " const x = new OffscreenCanvas(c.width, c.height).getContext('2d', {willReadFrequently: true});"
            " all.forEach((one) => x.drawImage(one, 0, 0));"
            " const d = x.getImageData(0, 0, c.width, c.height).data, found = [];"
            f" const near = (i) => d[i + 3] > 100 && {rgb}.every((v, k) => Math.abs(d[i + k] - v) < 12);"
            " for (let i = 0, s = b.width / c.width; i < d.length; i += 4) if (near(i))"
            " found.push([b.x + s * ((i / 4) % c.width), b.y + s * Math.floor(i / 4 / c.width)]); return found; })()"
        )
        return found

    def screenshot(self, path: Path) -> None:
        """Write what the page shows as PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def hear(self, event: dict[str, Any]) -> None:
        """Keep requests and complaints."""
        method, params = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Log.entryAdded":
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append(" ".join(str(a.get("value", a.get("description"))) for a in params["args"]))
        elif method == "Page.fileChooserOpened":
            self.choosers.append(params["backendNodeId"])
        elif method == "Page.javascriptDialogOpening":
            self.complaints.append(f"dialog: {params['message']}")
            self.send("Page.handleJavaScriptDialog", accept=True)


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """Run Chromium with an empty profile; it speaks on its file descriptors 3 and 4."""
    if CHROMIUM is None:
        raise BrowserError("no chromium on this machine")
    ends = [*os.pipe(), *os.pipe()]
    high = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in ends]
    for end in ends:
        os.close(end)
    child_in, parent_out, parent_in, child_out = high
    redirect = 'exec "${@:3}" 3<&"$1" 4>&"$2"'
    command = [CHROMIUM, *_FLAGS, f"--user-data-dir={profile}", "about:blank"]
    process = subprocess.Popen(
        ["bash", "-c", redirect, "bash", str(child_in), str(child_out), *command],
        pass_fds=(child_in, child_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "HOME": str(profile)},
    )
    os.close(child_in)
    os.close(child_out)
    started = Browser(process, parent_out, parent_in)
    try:
        yield started
        started.send("Browser.close")
    finally:
        os.close(parent_out)
        os.close(parent_in)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
