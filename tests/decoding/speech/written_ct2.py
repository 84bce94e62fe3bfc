"""Writes a Whisper model of transformers as CTranslate2's converter lays it out."""

import struct

import numpy as np

_KINDS = {"float32": 0, "int8": 1, "int16": 2, "int32": 3, "float16": 4}


def variables(model):
    """The converter's variables of a ``WhisperForConditionalGeneration``."""
    weights = {name: weight.detach().numpy() for name, weight in model.state_dict().items()}
    found = {
        "decoder/embeddings/weight": weights["model.decoder.embed_tokens.weight"],
        "decoder/position_encodings/encodings": weights["model.decoder.embed_positions.weight"],
        "encoder/position_encodings/encodings": weights["model.encoder.embed_positions.weight"],
    }

    def linear(to, *sources):
        found[f"{to}/weight"] = np.concatenate([weights[f"{source}.weight"] for source in sources])
        biases = []
        for source in sources:
            width = len(weights[f"{source}.weight"])
            biases.append(weights.get(f"{source}.bias", np.zeros(width, np.float32)))
        found[f"{to}/bias"] = np.concatenate(biases)

    def norm(to, source):
        found[f"{to}/gamma"], found[f"{to}/beta"] = weights[f"{source}.weight"], weights[f"{source}.bias"]

    for side in ("encoder", "decoder"):
        config = model.config
        found[f"{side}/num_heads"] = np.array(getattr(config, f"{side}_attention_heads"), np.int16)
        norm(f"{side}/layer_norm", f"model.{side}.layer_norm")
        for index in range(getattr(config, f"{side}_layers")):
            to, of = f"{side}/layer_{index}", f"model.{side}.layers.{index}"
            linear(f"{to}/self_attention/linear_0", *(f"{of}.self_attn.{x}_proj" for x in "qkv"))
            linear(f"{to}/self_attention/linear_1", f"{of}.self_attn.out_proj")
            norm(f"{to}/self_attention/layer_norm", f"{of}.self_attn_layer_norm")
            if side == "decoder":
                linear(f"{to}/attention/linear_0", f"{of}.encoder_attn.q_proj")
                linear(f"{to}/attention/linear_1", f"{of}.encoder_attn.k_proj", f"{of}.encoder_attn.v_proj")
                linear(f"{to}/attention/linear_2", f"{of}.encoder_attn.out_proj")
                norm(f"{to}/attention/layer_norm", f"{of}.encoder_attn_layer_norm")
            linear(f"{to}/ffn/linear_0", f"{of}.fc1")
            linear(f"{to}/ffn/linear_1", f"{of}.fc2")
            norm(f"{to}/ffn/layer_norm", f"{of}.final_layer_norm")
    for name in ("conv1", "conv2"):
        linear(f"encoder/{name}", f"model.encoder.{name}")
    return found


def in_int8(arrays):
    """The matrices of the layers in int8, with a scale per row."""
    found = dict(arrays)
    for name, array in arrays.items():
        if "linear" in name and name.endswith("weight"):
            scale = 127 / np.abs(array).max(1)
            found[name] = np.round(array * scale[:, None]).astype(np.int8)
            found[f"{name}_scale"] = scale.astype(np.float32)
    return found


def written(arrays, version=6, specification="WhisperSpec"):
    """The bytes of a file."""

    def name(text):
        return struct.pack("<H", len(text) + 1) + text.encode() + b"\0"

    data = struct.pack("<I", version) + name(specification) + struct.pack("<II", 3, len(arrays))
    for key, array in arrays.items():
        data += name(key) + struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
        data += struct.pack("<BI", _KINDS[array.dtype.name], array.nbytes) + array.tobytes()
    alias = name("decoder/projection/weight") + name("decoder/embeddings/weight")
    return data + struct.pack("<I", 1) + alias
