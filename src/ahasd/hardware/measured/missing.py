"""What a measured device does not hold that a verdict needs, and how to measure it."""

from ahasd.hardware.measured.measured_device import MeasuredDevice

#: Widths worth measuring: every one up to the switch of the usual kernels, then as drafts grow (ours).
WIDTHS = "1,2,3,4,5,6,7,8,9,12,16"


def missing(device: MeasuredDevice) -> list[str]:
    """Sentences, each with a command; none if nothing is missing."""
    found = []
    models = [model for model in device.models if not model.stands_in]
    narrow = [model.name for model in models if len(model.widths) < 2]
    if not models:
        found.append(f"No time of a model's pass is known. Measure: {bench('TARGET.gguf')}")
    elif len(narrow) == len(models):
        found.append(
            f"No model was measured at several widths, so what verifying costs is not known. "
            f"Measure: {bench(f'{narrow[0]}.gguf')}"
        )
    for model in models:
        if 1 not in model.widths:
            found.append(
                f"{model.name} was not measured at 1 row, so its speed alone is not known. "
                f"Measure: {bench(f'{model.name}.gguf', '1')}"
            )
    if len(models) == 1:
        found.append(f"No draft was measured. Measure: {bench('DRAFT.gguf', '1')}")
    if not device.acceptances:
        found.append(
            "How many drafts are accepted was not measured. Measure: "
            "llama-speculative -m TARGET.gguf -md DRAFT.gguf -f prompt.txt -n 256 2>&1 | tee speculative.log"
        )
    if device.backend is None and device.processor is None and len(narrow) < len(models):
        found.append(
            "Whose kernels ran is not known, so times between measured widths are straight lines. Give "
            "--backend llama.cpp-cuda (or llama.cpp-metal, llama.cpp-vulkan, mlx, pytorch)."
        )
    return found


def bench(model: str, widths: str = WIDTHS) -> str:
    """The command that times a model's passes with llama.cpp."""
    return f"llama-bench -m {model} -p {widths} -n 0 -d 512 -o json > times.json"
