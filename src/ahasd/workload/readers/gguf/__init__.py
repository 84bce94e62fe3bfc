"""Reader of GGUF files, the format of llama.cpp: what their headers say, without reading a weight."""
