"""Water meters 水表: OIML R 49-1/-2/-3:2013, ISO 4064-1/-2/-3:2014."""
