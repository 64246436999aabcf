import Kit

/// The output of help and search: standard output, through the prompt's pager if there is one.
final class Output: SessionPart, @unchecked Sendable {
    var show: (String) -> Void = { print($0) }
}
