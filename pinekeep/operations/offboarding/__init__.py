"""The only way out: gates that are passed one at a time, left, resumed, and gone back through."""
