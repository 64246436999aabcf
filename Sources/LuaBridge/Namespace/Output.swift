import Kit

/// Where help and finds are printed: standard output, through the prompt's pager while there is one.
enum Output {
    nonisolated(unsafe) static var show: (String) -> Void = { print($0) }
}
