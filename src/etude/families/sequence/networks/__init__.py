"""Networks that predict the next token, and the kernels that run them."""
