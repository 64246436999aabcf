extension Int {
    /// Truncates a number. One that is out of range becomes the nearest `Int`, and NaN becomes 0.
    ///
    /// For numbers that a user, a file or a recipe gave: `Int(_:)` ends the program for those that do not fit.
    public init(saturating value: Double) {
        // 2^63 itself is too large, and the largest Double below it is not.
        self = value.isNaN ? 0 : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int(value)
    }
}
