"""What other programs measured, as times of passes."""
