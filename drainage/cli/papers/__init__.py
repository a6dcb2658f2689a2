"""Commands that draw papers; `drainage.cli.program` loads them when they are asked for."""
