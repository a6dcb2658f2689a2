"""Faces of an answer: pages for people, schemas and descriptions for programs."""
