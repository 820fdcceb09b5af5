"""A durable queue: work that goes on while pages are closed, and after whatever dies."""
