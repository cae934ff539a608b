"""Keys in the accounts of the customer's own customers: who goes where, and what each of them must do."""
