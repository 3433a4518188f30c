"""The exception tree of the appliance. What kind an error is decides what is done about it.

::

    NightjarError
    ├── InvalidInput          what came from outside is wrong: said once, nothing is lost   → 422, exit 2
    │   ├── ConfigError       the configuration file                                        → exit 2
    │   └── AddressError      a camera's address
    ├── NotFound              the thing named does not exist                                → 404
    ├── Conflict              the thing exists, or its state forbids the request            → 409
    ├── Refused               the request is understood and not permitted                   → 403
    │   ├── FetchOff          the settings forbid to fetch anything from another machine
    │   └── LoginNeeded       nobody knows who asks                                         → 401
    ├── TemporaryFailure      trying again later may succeed: retried with back-off         → 503
    │   ├── SourceFailure     a camera or file could not be read
    │   ├── StoreUnavailable  the database is full, locked or read-only
    │   ├── FootageUnavailable a disk does not give what lies on it
    │   ├── Overloaded        a bounded queue is full
    │   ├── BackupFailed      a backup could not be written, or there is no room to restore one
    │   ├── Throttled         too many tries to log in                                      → 429
    │   ├── WorkerLost        the detection worker ended with requests in flight
    │   └── DeviceFull        the accelerator has no memory left for what was asked
    └── PermanentFailure      trying again cannot help: reported, given up                  → 500
        ├── ModelError        a model file is damaged, unknown or of the wrong kind
        ├── DeviceUnavailable a device does not decode that: software does
        ├── NotRecordable     a codec has no place in an MP4 file
        ├── BackupDamaged     a file is no backup, or not what was written
        ├── SealBroken        a secret was sealed with another key, or is damaged
        └── StoreCorrupt      the database is not one, or is damaged

Each edge translates its library's exceptions into these (``raise … from err``).
"""


class NightjarError(Exception):
    """The root of everything that Nightjar raises itself."""


class InvalidInput(NightjarError):
    """Something from outside is wrong; the message says what was expected and what came."""


class ConfigError(InvalidInput):
    """The configuration file is wrong; the message names file, key, expectation and finding."""


class AddressError(InvalidInput):
    """A camera's address cannot be used; the message never contains its credentials."""


class NotFound(NightjarError):
    """The thing named does not exist."""


class Conflict(NightjarError):
    """The thing exists already, or its state forbids what was asked."""


class Refused(NightjarError):
    """The request is understood and not permitted."""


class FetchOff(Refused):
    """The settings forbid to fetch anything from another machine; the message says which."""


class LoginNeeded(Refused):
    """Nobody knows who asks; the message never says whether a name or a password was the wrong one."""


class TemporaryFailure(NightjarError):
    """Trying again later may succeed."""


class SourceFailure(TemporaryFailure):
    """A camera or file could not be read; ``kind`` tells the causes apart.

    Args:
        kind: one of ``dns``, ``refused``, ``timeout``, ``unauthorized``, ``not_found``, ``busy``,
            ``no_video``, ``codec``, ``protocol``, ``ended``, or ``no_known_path`` of a search.
        message: a sentence for a person, without credentials.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class StoreUnavailable(TemporaryFailure):
    """The database cannot be written at the moment: full, locked by another program, or read-only."""


class FootageUnavailable(TemporaryFailure):
    """A file of footage cannot be read: its disk fails, or denies it."""


class Overloaded(TemporaryFailure):
    """A bounded queue is full."""


class BackupFailed(TemporaryFailure):
    """A backup could not be written, or there is no room to restore one; nothing is left of the attempt."""


class Throttled(TemporaryFailure):
    """Somebody tries too often; ``after_s`` is when the next try is looked at.

    Args:
        message: a sentence for a person.
        after_s: whole seconds.
    """

    def __init__(self, message: str, after_s: int) -> None:
        super().__init__(message)
        self.after_s = after_s


class WorkerLost(TemporaryFailure):
    """The detection worker ended while requests were in flight."""


class DeviceFull(TemporaryFailure):
    """The accelerator has no memory left for what was asked; what it holds is unharmed."""


class PermanentFailure(NightjarError):
    """Trying again cannot help."""


class ModelError(PermanentFailure):
    """A model file is damaged, unknown or of the wrong kind."""


class DeviceUnavailable(PermanentFailure):
    """A decoding device is not there or does not decode that; the message is a sentence for the owner."""


class NotRecordable(PermanentFailure):
    """A stream cannot be put into an MP4 file; the message is a sentence for the owner."""


class BackupDamaged(PermanentFailure):
    """A file is no backup of Nightjar's, or is not what was written."""


class SealBroken(PermanentFailure):
    """A secret cannot be opened: another key, or damage; the message says what the owner can do."""


class StoreCorrupt(PermanentFailure):
    """The database file is not a database, or is damaged."""
