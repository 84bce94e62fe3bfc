"""What a `config.json` says of how the weights are kept: its `dtype` and its `quantization_config`."""
