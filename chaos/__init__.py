"""The chaos run: everything that can fail fails, and every effect is counted where it arrives."""
