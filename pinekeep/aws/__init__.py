"""The live account: clients, whose credentials these are, what is read, and what AWS's refusals mean."""
