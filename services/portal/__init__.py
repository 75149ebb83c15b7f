"""权衡 on the web: pages for manufacturers, laboratories, staff and the public; a client of the services' HTTP APIs."""
