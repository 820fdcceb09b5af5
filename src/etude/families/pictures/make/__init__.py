"""Making pictures: sampling, latents, ranking of drafts."""
