"""Addresses by theme: each reads what is asked, calls one function and chooses a face."""
