import Kit

/// Where help and finds of a session are printed: standard output, through the prompt's pager while there is one.
final class Output: SessionPart, @unchecked Sendable {
    var show: (String) -> Void = { print($0) }
}
