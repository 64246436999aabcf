import Kit

/// Only the thread of a test uses the values in its arguments, whatever objects they hold.
extension OptionValue: @unchecked Sendable {}
