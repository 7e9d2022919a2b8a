"""Who makes a request: tokens and signatures, as the gateway checks them."""
