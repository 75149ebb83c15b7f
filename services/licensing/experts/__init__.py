"""The register of experts 考评员 who assess manufacturers on site, and the draw of a team from it (JJF 1246, ch. 5)."""
