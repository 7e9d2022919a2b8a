"""Scripts as COC keeps, validates, reviews and shows them."""
