"""The command line in the process of a test."""

from __future__ import annotations

import sys

import pytest

from drainage.cli import main


class Run:
    """What runs a command in this process: exit code, standard output, standard error."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *first: str) -> None:
        self._capsys, self._monkeypatch, self._first = capsys, monkeypatch, first

    def __call__(self, *words: object) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["drainage", *self._first, *map(str, words)])
        with pytest.raises(SystemExit) as exit_:
            main()
        out, err = self._capsys.readouterr()
        return int(exit_.value.code or 0), out, err

    def of(self, *first: str) -> Run:
        """Return what runs one command, whose name need not be said."""
        return Run(self._capsys, self._monkeypatch, *self._first, *first)
