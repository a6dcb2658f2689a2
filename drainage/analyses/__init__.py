"""One question, one file: a network or a flow state goes in, a Result comes out."""
