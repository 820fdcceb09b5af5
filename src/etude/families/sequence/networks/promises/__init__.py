"""The promises of the network contract, by subject: each a function from a subject to complaints, of which
none is a pass."""
