"""Keys in the accounts of the customer's own customers, and how they are packed into roles and policies."""
