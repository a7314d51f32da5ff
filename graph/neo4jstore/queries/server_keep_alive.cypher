// Returns: the setting by which the server lets clients wait for ever, or tells them not to.
SHOW SETTINGS 'server.bolt.connection_keep_alive_for_requests' YIELD value RETURN value
