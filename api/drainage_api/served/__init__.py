"""What is served: the reports that were loaded, their features and pages."""
