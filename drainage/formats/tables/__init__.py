"""Tables without geometry: CSV and workbooks in the manner of CJJ 61, and the coded tables of the national survey."""
