"""Hardware presets that lie beside this file, as they stand in YAML."""

from functools import cache
from importlib import resources
from typing import Any

from ahasd.yaml_text import read_yaml


def preset_names() -> list[str]:
    """Names of the built-in presets."""
    folder = resources.files("ahasd.hardware.preset") / "machines"
    return sorted(
        entry.name.removesuffix(".yaml")
        for entry in folder.iterdir()
        if entry.name.endswith(".yaml") and not entry.name.startswith("_")
    )


def has_section(name: str, section: str) -> bool:
    """Whether a built-in preset has a section, such as ``"pim"``."""
    return section in builtin_document(name)


@cache
def builtin_document(name: str) -> dict[str, Any]:
    """Read a built-in document, not to be changed."""
    text = (resources.files("ahasd.hardware.preset") / "machines" / f"{name}.yaml").read_text(
        encoding="utf-8"
    )
    document: dict[str, Any] = read_yaml(text)
    base = document.pop("base", None)
    return document if base is None else laid_over(builtin_document(base), document)


def laid_over(base: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Lay a document over its base, whose name it does not take."""
    merged = {section: content for section, content in base.items() if section != "name"}
    for section, content in document.items():
        # "gpu2: gpu" is another one of the same: what is refined is then that one.
        beneath = merged.get("gpu" if (section, merged.get(section)) == ("gpu2", "gpu") else section)
        if isinstance(content, dict) and isinstance(beneath, dict):
            content = {**beneath, **content}
        merged[section] = content
    return merged
