"""How requests come in and answers go out: sockets, the gateway, the wire."""
