"""GPU, disk, clock and health of the machine → the bus's ``system`` channel and the parts of health."""
