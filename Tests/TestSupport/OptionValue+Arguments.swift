import Kit

/// A value that stands in the arguments of a test is used by that test's thread alone, whatever object it holds.
extension OptionValue: @unchecked Sendable {}
