"""How people see and steer the mill: the `newsmill` command, the supervisor, the embedded servers."""
