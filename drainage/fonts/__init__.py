"""The letters of papers and charts, which the package carries, so that Chinese is drawn wherever it runs."""
