"""The operations of the server, one file each; ``table`` lists them."""
