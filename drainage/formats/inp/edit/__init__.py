"""An .inp changed: what was changed is changed in its lines, all else is verbatim."""
