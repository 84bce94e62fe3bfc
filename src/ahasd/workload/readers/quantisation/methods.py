"""The ways to quantise that a `quantization_config` can name, each by the fields that its makers read.

Field names and defaults are those of `transformers` (`utils/quantization_config.py`), what lies beside the elements
that of each method's own code: AutoAWQ and GPTQModel keep an FP16 scale and a zero point as wide as an element for
each group; bitsandbytes an FP32 maximum for each block of 64, with double quantisation an 8-bit one and an FP32 one
for each 256 of them (QLoRA, arXiv 2305.14314 §3), in 8 bits an FP32 one for each row; fine-grained FP8 an FP32 scale
for each block of 128 x 128; microscaling formats an 8-bit scale for each 16 (NVFP4) or 32 elements.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ahasd.errors import AhasdError
from ahasd.workload.readers.fields import ConfigReader
from ahasd.workload.readers.quantisation.scheme import Scheme

#: FP4 in pairs of bits is no word of a unit that multiplies integers; its values doubled are, of 8 bits.
_FP4_HELD = 8
#: Values of NF4 are those of a normal distribution, which takes a word of 16 bits.
_NF4_HELD = 16


@dataclass(frozen=True, slots=True)
class Quantisation:
    """What a file says.

    Attributes
    ----------
    name
        Of the format, as people say it.
    schemes
        Patterns of modules and how these are kept, the first that fits; ``Linear`` is every matrix of a layer, and
        the head if `head`.
    left
        Patterns of modules that stay as they were.
    head
        Whether the head is quantised where no pattern leaves it out.
    experts_only
        Whether only the experts of a mixture are.
    """

    name: str
    schemes: tuple[tuple[str, Scheme], ...]
    left: tuple[str, ...] = ()
    head: bool = False
    experts_only: bool = field(default=False)


#: Modules that are every matrix of a layer.
EVERY = "Linear"


def _awq(reader: ConfigReader) -> Quantisation:
    bits = reader.optional_integer("bits") or reader.integer("w_bit", 4)
    group = _group(reader, "group_size", "q_group_size")
    zero = bits if reader.flag("zero_point", True) else 0
    return _whole(reader, Scheme(f"AWQ {bits}-bit{_of(group)}", bits, 16 + zero, group))


def _gptq(reader: ConfigReader) -> Quantisation:
    _refuse(reader, "dynamic", "rules of their own for some modules")
    bits, group = reader.integer("bits", 4), _group(reader, "group_size")
    order = 32 if reader.flag("desc_act", False) else 0
    scheme = Scheme(f"GPTQ {bits}-bit{_of(group)}", bits, 16 + bits, group, input_bits=order)
    return _whole(reader, scheme, reader.flag("lm_head", False))


def _fp8(reader: ConfigReader) -> Quantisation:
    block = reader.contents.get("weight_block_size", [128, 128])
    scale = 8 if reader.contents.get("scale_fmt") == "ue8m0" else 32
    if block is None:
        return _whole(reader, Scheme("FP8", 8, scale, None, None))
    if (
        not isinstance(block, list)
        or len(block) != 2
        or not all(type(one) is int and one > 0 for one in block)
    ):
        raise AhasdError(f"{reader.origin}: weight_block_size must be two positive integers, not {block!r}")
    return _whole(reader, Scheme(f"FP8 in blocks of {block[0]} x {block[1]}", 8, scale, block[1], block[0]))


def _fbgemm_fp8(reader: ConfigReader) -> Quantisation:
    return _whole(reader, Scheme("FP8 by rows", 8, 32))


def _bitsandbytes(reader: ConfigReader) -> Quantisation:
    four = reader.flag("load_in_4bit", False) or reader.flag("_load_in_4bit", False)
    eight = reader.flag("load_in_8bit", False) or reader.flag("_load_in_8bit", False)
    if four == eight:
        raise AhasdError(f"{reader.origin}: bitsandbytes needs either load_in_4bit or load_in_8bit")
    if eight:
        return _whole(reader, Scheme("bitsandbytes 8-bit", 8, 32))
    kind = reader.text("bnb_4bit_quant_type", "fp4")
    double = reader.flag("bnb_4bit_use_double_quant", False)
    name = f"bitsandbytes {kind}" + ", double quantisation" * double
    held = _NF4_HELD if kind == "nf4" else _FP4_HELD
    return _whole(reader, Scheme(name, 4, 8 + 32 / 256 if double else 32, 64, held_bits=held))


def _mxfp4(reader: ConfigReader) -> Quantisation:
    scheme = Scheme("MXFP4", 4, 8, 32, held_bits=_FP4_HELD)
    return Quantisation("MXFP4 experts", ((EVERY, scheme),), _left(reader), experts_only=True)


def _modelopt(reader: ConfigReader) -> Quantisation:
    algorithm = reader.text("quant_algo", "")
    schemes = {
        "FP8": Scheme("FP8", 8, 32, None, None),
        "NVFP4": Scheme("NVFP4", 4, 8, 16, held_bits=_FP4_HELD),
        "W4A16_AWQ": Scheme("AWQ 4-bit, groups of 128", 4, 16, 128),
    }
    if algorithm not in schemes:
        raise AhasdError(
            f"{reader.origin}: quant_algo '{algorithm}' is not read; known are {', '.join(schemes)}"
        )
    return _whole(reader, schemes[algorithm], head=True)


def _compressed_tensors(reader: ConfigReader) -> Quantisation:
    sparsity = reader.contents.get("sparsity_config")
    if isinstance(sparsity, dict) and sparsity.get("format", "dense") != "dense":
        raise AhasdError(
            f"{reader.origin}: compressed-tensors with sparse weights ({sparsity['format']}) is not read"
        )
    groups = reader.contents.get("config_groups")
    if not isinstance(groups, dict) or not groups:
        raise AhasdError(f"{reader.origin}: compressed-tensors needs config_groups")
    schemes = []
    for name, group in groups.items():
        weights = group.get("weights") if isinstance(group, dict) else None
        targets = group.get("targets") if isinstance(group, dict) else None
        if weights is None:
            continue  # activations only
        if not isinstance(weights, dict) or not isinstance(targets, list):
            raise AhasdError(f"{reader.origin}: config_groups.{name} needs weights and targets")
        scheme = _compressed(ConfigReader(weights, f"{reader.origin}: config_groups.{name}.weights"))
        schemes += [(str(target), scheme) for target in targets]
    if not schemes:
        raise AhasdError(f"{reader.origin}: no group of config_groups quantises weights")
    named = dict.fromkeys(scheme.name for _, scheme in schemes)
    return Quantisation(" and ".join(named), tuple(schemes), _left(reader), head=True)


def _compressed(weights: ConfigReader) -> Scheme:
    bits, kind = weights.integer("num_bits", 8), weights.text("type", "int")
    if bits not in range(1, 17):
        raise AhasdError(f"{weights.origin}: num_bits {bits} is no width of 1 to 16 bits")
    strategy = weights.text("strategy", "tensor")
    zero = 0 if weights.flag("symmetric", True) else bits
    held = _FP4_HELD if kind == "float" and bits == 4 else 0
    name = f"{'FP' if kind == 'float' else 'INT'}{bits}"
    group = _group(weights, "group_size") or 128
    if strategy == "tensor":
        return Scheme(name, bits, 32, None, None, held)
    if strategy == "channel":
        return Scheme(f"{name} by rows", bits, 16 + zero, held_bits=held)
    if strategy in ("group", "tensor_group"):
        scale = 8 if strategy == "tensor_group" or held else 16
        return Scheme(f"{name}{_of(group)}", bits, scale + zero, group, held_bits=held)
    if strategy == "block":
        return Scheme(f"{name} in blocks of 128 x 128", bits, 32, 128, 128, held)
    raise AhasdError(
        f"{weights.origin}: strategy '{strategy}' is not read; known are tensor, channel, group, tensor_group, block"
    )


#: By `quant_method`.
METHODS: dict[str, Callable[[ConfigReader], Quantisation]] = {
    "awq": _awq,
    "bitsandbytes": _bitsandbytes,
    "compressed-tensors": _compressed_tensors,
    "fbgemm_fp8": _fbgemm_fp8,
    "fp8": _fp8,
    "gptq": _gptq,
    "modelopt": _modelopt,
    "mxfp4": _mxfp4,
}


def read_quantisation(contents: Mapping[str, Any], origin: str) -> Quantisation | None:
    """Read what a `config.json` says of quantised weights; None where it says nothing.

    Raises
    ------
    AhasdError
        It names a method that is not read, or a field of one makes no sense.
    """
    said = contents.get("quantization_config") or contents.get("compression_config")
    if said is None:
        return None
    if not isinstance(said, dict):
        raise AhasdError(f"{origin}: field 'quantization_config' must be an object, not {said!r}")
    reader = ConfigReader(said, f"{origin}: quantization_config")
    fallback = "bitsandbytes" if {"load_in_4bit", "load_in_8bit"} & said.keys() else ""
    method = reader.text("quant_method", fallback)
    if method not in METHODS:
        raise AhasdError(f"{origin}: quant_method '{method}' is not read; known are {', '.join(METHODS)}")
    return METHODS[method](reader)


def _whole(reader: ConfigReader, scheme: Scheme, head: bool = False) -> Quantisation:
    """All matrices of the layers in one scheme."""
    if not 1 <= scheme.bits <= 8:
        raise AhasdError(f"{reader.origin}: {scheme.bits} bits are no width of a quantised weight")
    return Quantisation(scheme.name, ((EVERY, scheme),), _left(reader), head)


def _left(reader: ConfigReader) -> tuple[str, ...]:
    """Modules that stay as they were, under all names that makers give the list."""
    found: list[str] = []
    for name in (
        "modules_to_not_convert",
        "llm_int8_skip_modules",
        "ignored_layers",
        "ignore",
        "exclude_modules",
    ):
        listed = reader.contents.get(name) or []
        if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
            raise AhasdError(f"{reader.origin}: field '{name}' must be a list of names, not {listed!r}")
        found += listed
    return tuple(dict.fromkeys(found))


def _refuse(reader: ConfigReader, name: str, what: str) -> None:
    if reader.contents.get(name):
        raise AhasdError(f"{reader.origin}: field '{name}' gives {what}, which is not read")


def _group(reader: ConfigReader, *names: str) -> int | None:
    """Elements of a group; None for -1, which is a whole row, and where nothing is said the usual 128."""
    for name in names:
        value = reader.contents.get(name)
        if value == -1:
            return None
        if value is not None:
            return reader.integer(name)
    return 128


def _of(group: int | None) -> str:
    return " by rows" if group is None else f", groups of {group}"
