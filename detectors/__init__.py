"""A library of object detectors: arrays in, arrays out; it knows nothing of the appliance."""
