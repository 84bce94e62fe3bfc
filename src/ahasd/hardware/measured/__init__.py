"""Steps that were measured instead of modelled."""
