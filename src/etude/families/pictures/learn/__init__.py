"""Learning a picture model: flow matching, then adversarial refinement, within a budget."""
