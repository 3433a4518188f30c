"""What a detector says when it cannot work; the appliance translates it at its edge."""


class DetectorError(Exception):
    """The root of this library's errors."""


class ModelFileError(DetectorError):
    """A model file is absent, damaged, or of an unknown kind; says what was expected and what came."""


class BackEndMissing(DetectorError):
    """What is to run a model is not installed, or the machine has no such accelerator."""


class DeviceFull(DetectorError):
    """The accelerator has no memory left for what was asked; what it holds is unharmed."""


class DeviceLost(DetectorError):
    """The accelerator does not answer any more: until the process ends it never will again."""
