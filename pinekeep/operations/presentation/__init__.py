"""What is shown to people: tables for a terminal, CSV files, and HTML pages without scripts."""
