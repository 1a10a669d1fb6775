"""The pure stages run on bytes alone, in a process of their own or checked for what always holds."""
