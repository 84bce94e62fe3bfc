"""What models are made of: each block knows its shapes and adds its nodes to a graph."""
