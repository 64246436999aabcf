import Kit

/// Numbers for the axes of a layer's window.
enum LayerAxes {
    /// One number for each axis; a single one counts for all. Throws if there are more or fewer, or one is out of range.
    ///
    /// - Parameter kernel: the option that has the axes.
    static func extents(
        _ given: OneOrMore<Int>, _ option: String, _ axes: Int, of kernel: String = "kernel", in range: ClosedRange<Int>
    ) throws -> [Int] {
        let numbers = given.values.count == 1 ? Array(repeating: given.values[0], count: axes) : given.values
        guard numbers.count == axes, numbers.allSatisfy(range.contains) else {
            throw KitError.usage(
                "option '\(option)' must be one number, or one for each of the \(axes) axes of '\(kernel)', of "
                    + "\(range.lowerBound) to \(range.upperBound), but is \(given.optionText)")
        }
        return numbers
    }
}
