"""An example of a family: vectors are added up on the NPU, over and over."""
