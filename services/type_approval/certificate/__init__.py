"""型式批准证书 The certificate and what becomes of it."""
