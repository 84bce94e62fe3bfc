"""Which experts are fetched before their layer asks for them."""
