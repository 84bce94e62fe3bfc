"""The formats of tensors in ggml: elements of a block, and bytes of a block.

From the block structures of ggml (`ggml-common.h` of llama.cpp), of which its Python package `gguf` has the sums as
`GGML_QUANT_SIZES`; scales and minima are the members ``d``, ``dmin`` and ``scales`` of a structure, or the bits that
serve as such. Types that only exist while a product is computed (``q8_1``, ``q8_k``) are in no file.
"""

from ahasd.workload.number_format import NumberFormat

#: Number in a file, name, elements of a block, bytes of a block, bytes of scales, bits of an element.
_ROWS: tuple[tuple[int, str, int, int, int, int], ...] = (
    (0, "f32", 1, 4, 0, 32),
    (1, "f16", 1, 2, 0, 16),
    (2, "q4_0", 32, 18, 2, 4),
    (3, "q4_1", 32, 20, 4, 4),
    (6, "q5_0", 32, 22, 2, 5),
    (7, "q5_1", 32, 24, 4, 5),
    (8, "q8_0", 32, 34, 2, 8),
    (10, "q2_k", 256, 84, 20, 2),
    (11, "q3_k", 256, 110, 14, 3),
    (12, "q4_k", 256, 144, 16, 4),
    (13, "q5_k", 256, 176, 16, 5),
    (14, "q6_k", 256, 210, 18, 6),
    (16, "iq2_xxs", 256, 66, 6, 8),
    (17, "iq2_xs", 256, 74, 10, 8),
    (18, "iq3_xxs", 256, 98, 6, 8),
    (19, "iq1_s", 256, 50, 6, 8),
    (20, "iq4_nl", 32, 18, 2, 8),
    (21, "iq3_s", 256, 110, 6, 8),
    (22, "iq2_s", 256, 82, 10, 8),
    (23, "iq4_xs", 256, 136, 8, 8),
    (24, "i8", 1, 1, 0, 8),
    (25, "i16", 1, 2, 0, 16),
    (26, "i32", 1, 4, 0, 32),
    (27, "i64", 1, 8, 0, 64),
    (28, "f64", 1, 8, 0, 64),
    (29, "iq1_m", 256, 56, 8, 8),
    (30, "bf16", 1, 2, 0, 16),
    (34, "tq1_0", 256, 54, 2, 2),
    (35, "tq2_0", 256, 66, 2, 2),
    (39, "mxfp4", 32, 17, 1, 8),
    (40, "nvfp4", 64, 36, 4, 8),
    (41, "q1_0", 128, 18, 2, 1),
)

#: By the number that stands in a file.
GGML_TYPES: dict[int, NumberFormat] = {number: NumberFormat(*row) for number, *row in _ROWS}  # type: ignore[arg-type]

#: By name.
GGML_FORMATS: dict[str, NumberFormat] = {kept.name: kept for kept in GGML_TYPES.values()}

#: Formats in which llama.cpp keeps keys and values (its options ``--cache-type-k`` and ``-v``), but for f32.
CACHE_FORMATS = ("f16", "bf16", "q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl")
