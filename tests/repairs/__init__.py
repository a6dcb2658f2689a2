"""Tests of the repair: by hand on small drawings, by hypothesis, on real cities."""
