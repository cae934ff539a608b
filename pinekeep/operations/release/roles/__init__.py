"""Templates of the roles that a fleet needs: for verification, and for stack sets with self-managed permissions."""
