"""All questions about one network in one run: what is asked, gathered, kept, drawn and compared."""
