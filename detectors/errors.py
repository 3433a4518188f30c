"""What a detector says when it cannot work; the appliance translates it at its edge."""


class DetectorError(Exception):
    """The root of this library's errors."""


class ModelFileError(DetectorError):
    """A model file is absent, damaged, or of an unknown kind; says what was expected and what came."""
