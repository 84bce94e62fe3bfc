"""How many of the experts that the router chose are used."""
