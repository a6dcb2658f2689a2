"""Tests of a model against its gauges."""
