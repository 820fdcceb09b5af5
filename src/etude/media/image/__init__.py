"""Pictures: raster and SVG files."""
