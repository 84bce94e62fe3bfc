"""What EDC, TVC and our control are worth."""
