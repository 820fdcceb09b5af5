"""The part of CSS that drawings in SVG use: style sheets, selectors, colours, variables and arithmetic."""
