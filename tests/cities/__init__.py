"""Sources and mappings of the real cities that lie beside a developer's checkout; none of their data is here."""
