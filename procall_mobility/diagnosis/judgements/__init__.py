"""What facts mean: pure, each module about one thing that can be wrong."""
