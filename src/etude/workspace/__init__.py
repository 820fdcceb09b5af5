"""An open project with what is opened in it: contents, models, indexes, evidence. The verbs of `api` stand on
it."""
