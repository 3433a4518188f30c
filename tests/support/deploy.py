"""The programs of ``deploy/``, which have no suffix, as modules."""

import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType

from tests.support.source import ROOT


def program(name: str) -> ModuleType:
    """Return ``deploy/NAME`` as a module; nothing of it runs."""
    loader = SourceFileLoader(f"deploy_{name}", str(ROOT / "deploy" / name))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[loader.name] = module  # dataclasses look their module up
    was, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = was
    return module
