"""From the published figures of a device and the sizes of models to a verdict, without measuring anything."""
