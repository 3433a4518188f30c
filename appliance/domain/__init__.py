"""The nouns of the appliance: frozen dataclasses, ids, three kinds of time, geometry; no I/O."""
