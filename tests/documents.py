"""What holds of every class whose objects are read from documents."""

import importlib
import pkgutil

from pydantic import BaseModel, ValidationError


def document_classes(package: str) -> list[type[BaseModel]]:
    """All pydantic classes of a package and of what lies in it."""
    top = importlib.import_module(package)
    found: dict[str, type[BaseModel]] = {}
    for module in pkgutil.walk_packages(top.__path__, f"{package}."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == module.name:
                found[f"{kind.__module__}.{kind.__qualname__}"] = kind
    return list(found.values())


def can_be_changed(kind: type[BaseModel]) -> bool:
    """Whether a field of an object can be set anew."""
    made = kind.model_construct()
    try:
        for name in kind.model_fields:
            setattr(made, name, None)
    except ValidationError as error:
        return error.errors()[0]["type"] != "frozen_instance"
    return bool(kind.model_fields)


def takes_unknown_keys(kind: type[BaseModel]) -> bool:
    """Whether a document with a key that is no field's is read all the same."""
    try:
        kind.model_validate({"no such field": 0})
    except ValidationError as error:
        return all(problem["type"] != "extra_forbidden" for problem in error.errors())
    return True
