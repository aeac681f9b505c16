"""The outside: stores, files, brokers. Each adapter fulfils a port and translates the errors of its driver."""
