"""Small samples in the forms that programs write, with figures that are easy to check."""

import json
from pathlib import Path


def log(name: str) -> str:
    """A log as a program prints it."""
    return (Path(__file__).parent / "logs" / name).read_text(encoding="utf-8")


LLAMA_BENCH = [
    {
        "build_commit": "8cf427ff",
        "build_number": 5163,
        "cpu_info": "AMD Ryzen 7 7800X3D 8-Core Processor",
        "gpu_info": "NVIDIA GeForce RTX 4080",
        "backends": "CUDA",
        "model_filename": "models/Qwen2.5-7B-Instruct-Q4_K_M.gguf",
        "model_type": "qwen2 7B Q4_K - Medium",
        "model_size": 4677120000,
        "model_n_params": 7615616512,
        "n_batch": 2048,
        "n_ubatch": 512,
        "n_threads": 8,
        "n_gpu_layers": 99,
        "n_prompt": prompt,
        "n_gen": generated,
        "n_depth": 512,
        "test_time": "2025-04-24T11:58:50Z",
        "avg_ns": nanoseconds,
        "stddev_ns": 1000,
        "avg_ts": 1.0,
        "stddev_ts": 0.1,
    }
    for prompt, generated, nanoseconds in ((4, 0, 11_000_000), (16, 0, 20_000_000), (0, 128, 1_280_000_000))
]

LLAMA_BENCH_MARKDOWN = log("llama_bench.md")

BATCHED_LINES = "\n".join(
    json.dumps(
        {
            "n_kv_max": 4096,
            "n_batch": 2048,
            "n_ubatch": 512,
            "flash_attn": 1,
            "is_pp_shared": 0,
            "n_gpu_layers": 99,
            "n_threads": 8,
            "n_threads_batch": 8,
            "pp": 128,
            "tg": 64,
            "pl": sequences,
            "n_kv": sequences * 192,
            "t_pp": 0.1,
            "speed_pp": 1280.0,
            "t_tg": seconds,
            "speed_tg": 1.0,
            "t": 1.0,
            "speed": 1.0,
        }
    )
    for sequences, seconds in ((1, 0.64), (8, 1.28))
)

BATCHED_TABLE = log("batched_bench.log")

SPECULATIVE = log("speculative.log")

SERVER = log("server.log")

SERVER_WITH_DRAFTS = log("server_with_drafts.log")

VLLM = {
    "date": "20260318-154232",
    "backend": "vllm",
    "model_id": "meta-llama/Llama-3.1-8B-Instruct",
    "num_prompts": 10,
    "max_concurrency": 4,
    "duration": 10.0,
    "completed": 10,
    "total_input_tokens": 1000,
    "total_output_tokens": 2000,
    "request_throughput": 1.0,
    "output_throughput": 200.0,
    "mean_tpot_ms": 13.0,
    "median_tpot_ms": 12.5,
    "mean_itl_ms": 12.4,
    "median_itl_ms": 12.0,
}

VLLM_WITH_DRAFTS = {
    **VLLM,
    "spec_decode_acceptance_rate": 50.0,
    "spec_decode_acceptance_length": 2.5,
    "spec_decode_num_drafts": 800,
    "spec_decode_draft_tokens": 2400,
    "spec_decode_accepted_tokens": 1200,
}

SGLANG = {
    "backend": "sglang",
    "dataset_name": "random",
    "request_rate": "inf",
    "max_concurrency": 1,
    "server_info": {"model_path": "Qwen/Qwen3-8B", "speculative_num_steps": 3},
    "duration": 10.0,
    "completed": 10,
    "total_input_tokens": 1000,
    "total_output_tokens": 2000,
    "total_output_tokens_retokenized": 2000,
    "request_throughput": 1.0,
    "median_tpot_ms": 9.5,
    "median_itl_ms": 9.0,
    "accept_length": None,
}

AMUSD = [
    {
        "sample_index": 0,
        "strategy": "greedy",
        "metrics": {"token_times": [0.043] + 99 * [0.022], "total_time": 2.2, "tokens_generated": 101},
    },
    {
        "sample_index": 0,
        "strategy": "sd",
        "metrics": {
            "draft_times": [0.018] + 20 * [0.011],
            "verify_times": [0.06] + 3 * [0.025],
            "accepted_tokens": [4, 6, 6, 4],
            "total_time": 1.0,
            "tokens_generated": 20,
        },
    },
    {
        "sample_index": 0,
        "strategy": "amusd",
        "metrics": {"draft_times": [0.03, 0.012], "verify_times": [0.5, 0.04], "accepted_tokens": [3, 1]},
    },
]
