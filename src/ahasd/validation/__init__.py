"""PredictedRow of the models with reference measurements."""
