"""The bus for browsers and programs: protocol version 1 over WebSocket."""
