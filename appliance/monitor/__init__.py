"""GPU, disk, clock, health, cameras' figures → the bus's ``system`` channel and the parts of health."""
