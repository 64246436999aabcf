/// The width of what shows values, for tables that must fit into it.
extension Session {
    /// The number of columns of the terminal in which values are shown; nil if there is none.
    public var displayWidth: Int? { self[DisplayWidth.self].columns?() }

    /// Sets how the number of columns is found, each time, since windows change.
    package func setDisplayWidth(_ columns: (@Sendable () -> Int)?) { self[DisplayWidth.self].columns = columns }
}

private final class DisplayWidth: SessionPart, @unchecked Sendable {
    var columns: (@Sendable () -> Int)?
}
