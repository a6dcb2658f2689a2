"""What the tests of the server share."""

from __future__ import annotations

from tests.support.stores import store, where

__all__ = ["store", "where"]
