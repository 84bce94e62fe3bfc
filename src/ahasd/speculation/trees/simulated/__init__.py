"""Trees in the simulator: what their steps cost, how a run is prepared and decoded."""
