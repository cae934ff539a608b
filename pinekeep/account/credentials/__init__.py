"""Which credentials are used for each deployment, whose they are, and the sessions made from them."""
