"""Every kind of instrument without computed limits: general characteristics, limits as the laboratory states them."""
