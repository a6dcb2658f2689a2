"""Reports of an office: one content, written as PDF by Typst and as Word by python-docx."""
