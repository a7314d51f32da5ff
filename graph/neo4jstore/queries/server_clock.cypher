// The server's clock. Returns: milliseconds since 1970.
RETURN datetime.realtime().epochMillis
