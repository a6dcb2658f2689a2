"""The report of an office, from the answers of a report: state, problems, causes, plan, effects and annexes."""
